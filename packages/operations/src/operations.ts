import { auditList } from './audit/audit-operations.ts';
import { campaignAdd, campaignList, campaignSet } from './campaign/campaigns.ts';
import type { AnyOperation } from './operation.ts';

/** Every operation there is. */
export const OPERATIONS: readonly AnyOperation[] = [auditList, campaignAdd, campaignList, campaignSet];
