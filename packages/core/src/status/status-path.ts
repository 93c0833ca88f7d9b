/** Where a company's leads are listed. */
export const LEADS_ROUTE = '/live-feed/leads';

/** Where the status of one lead is. */
export function statusPath(leadId: string): string {
  return `${LEADS_ROUTE}/${leadId}`;
}
