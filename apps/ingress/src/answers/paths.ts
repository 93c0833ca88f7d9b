/** Where leads are submitted. The path is the vendor's; the company's dialer decides between RingCX and NewBridge. */
export const LEAD_ROUTE = '/live-feed/ringcx';

/** Where many leads are submitted at once. */
export const BATCH_ROUTE = `${LEAD_ROUTE}/batch`;
