/** Where leads are submitted. The path is the vendor's; the company's dialer decides between RingCX and NewBridge. */
export const LEAD_ROUTE = '/live-feed/ringcx';

/** Where many leads are submitted at once. */
export const BATCH_ROUTE = `${LEAD_ROUTE}/batch`;

/** Where a company's leads are listed. */
export const LEADS_ROUTE = '/live-feed/leads';

/** Where the status of one lead is. */
export function statusPath(leadId: string): string {
  return `${LEADS_ROUTE}/${leadId}`;
}
