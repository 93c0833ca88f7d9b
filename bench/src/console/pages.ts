/** Rows that pages are asked about. */
export interface Known {
  /** The company with the most leads. */
  readonly companyId: string;
  readonly leadId: string;
  /** 10 digits. */
  readonly callerId: string;
}

/** A page, in the words of who looks at it, and its address. */
export function pagesOf({ companyId, leadId, callerId }: Known): readonly (readonly [string, string])[] {
  const lastMonth = new URLSearchParams({ since: daysAgo(60), until: daysAgo(59) });
  return [
    ['overview', '/'],
    ['overview of one company', `/?company=${companyId}`],
    ['leads, the newest', '/leads'],
    ['a phone in all companies', '/leads?q=2065550142'],
    ['a phone in one company', `/leads?q=2065550142&company=${companyId}`],
    ['parked leads of all companies', '/leads?state=PARKED'],
    ['parked leads of one company', `/leads?state=PARKED&company=${companyId}`],
    ['a reason in one company', `/leads?reason=NO_ANI_AVAILABLE&company=${companyId}`],
    ['a caller ID in one company', `/leads?callerId=${callerId}&company=${companyId}`],
    ['rejected leads of one campaign', `/leads?state=REJECTED&campaign=2&company=${companyId}`],
    ['a source in one company', `/leads?source=Vendor+A&company=${companyId}`],
    ['a day two months ago', `/leads?company=${companyId}&${lastMonth}`],
    ['a lead', `/leads/${leadId}`],
    ['refused requests', '/leads/refused'],
    ['refused requests of a rare campaign', '/leads/refused?campaign=rare'],
    ['a phone in refused requests', '/leads/refused?q=2065550142'],
    ['dialers', '/dialers'],
    ['a dialer', `/dialers/${companyId}`],
    ['caller IDs', '/caller-ids'],
    ['caller IDs of one company', `/caller-ids/${companyId}`],
    ['companies', '/companies'],
    ['a company', `/companies/${companyId}`],
    ['keys', `/companies/${companyId}/keys`],
    ['webhooks', `/companies/${companyId}/webhooks`],
    ['alerts', '/alerts'],
    ['audit', '/audit'],
    ['audit of one company', `/audit?company=${companyId}`],
    ['people', '/people'],
  ];
}

/** As a form sends it. */
function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 16);
}
