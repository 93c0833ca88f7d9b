/** Where leads are submitted. The path is the vendor's; the company's dialer decides between RingCX and NewBridge. */
export const LEAD_ROUTE = '/live-feed/ringcx';

/** Where many leads are submitted at once. */
export const BATCH_ROUTE = `${LEAD_ROUTE}/batch`;

/** Caller IDs for calls that are no leads, in the vendor's paths. */
export const ASSIGNMENT_ROUTES = { one: '/assignment', many: '/assignment/batch' } as const;

/** The company's do-not-call list, in the vendor's paths. */
export const DNC_ROUTES = { add: '/dnc/add', remove: '/dnc/remove', check: '/dnc/check' } as const;
