import { adminKeyIssue, adminKeyList, adminKeyRevoke } from './admin-key/admin-keys.ts';
import {
  alertChannelAdd,
  alertChannelList,
  alertChannelRemove,
  alertChannelSet,
  alertChannelTest,
} from './alert/alert-channels.ts';
import { alertAdd, alertList, alertRemove, alertSet } from './alert/alert-rules.ts';
import { alertStatus } from './alert/alert-status.ts';
import { aniActivate, aniCap, aniFlag, aniPause, aniPool, aniRemove } from './ani/ani-changes.ts';
import { aniImport } from './ani/ani-import.ts';
import { aniList, aniStats } from './ani/anis.ts';
import { auditList } from './audit/audit-operations.ts';
import {
  campaignPause,
  campaignRemove,
  campaignRename,
  campaignResume,
} from './campaign/campaign-changes.ts';
import { campaignSync } from './campaign/campaign-sync.ts';
import { campaignAdd, campaignList, campaignSet } from './campaign/campaigns.ts';
import { companyAdd, companyList, companyRename } from './company/companies.ts';
import { companyRemove } from './company/company-removal.ts';
import { companySet, companyShow } from './company/company-settings.ts';
import { companyCheck } from './company/phone-check.ts';
import { DIALER_OPERATIONS } from './dialer/dialer-operations.ts';
import { DNC_OPERATIONS } from './dnc/dnc-operations.ts';
import { SEAL_OPERATIONS } from './encryption/seals.ts';
import { FIELD_OPERATIONS } from './intake/field-maps.ts';
import { keyRevoke, keySet } from './key/key-changes.ts';
import { keyList } from './key/keys.ts';
import { keyImport, keyIssue, keyRotate } from './key/new-keys.ts';
import { LEAD_OPERATIONS } from './lead/lead-operations.ts';
import type { AnyOperation } from './operation.ts';
import { dialerList } from './overview/dialer-list.ts';
import { overviewShow } from './overview/overview.ts';
import { PERSON_OPERATIONS } from './person/person-operations.ts';
import { webhookAdd, webhookRemove, webhookRotate, webhookSet } from './webhook/webhook-changes.ts';
import { webhookRedeliver, webhookTest } from './webhook/webhook-deliveries.ts';
import { webhookEvents, webhookList } from './webhook/webhooks.ts';

/** Every operation there is. */
export const OPERATIONS: readonly AnyOperation[] = [
  ...[adminKeyIssue, adminKeyList, adminKeyRevoke],
  ...[aniActivate, aniCap, aniFlag, aniImport, aniList, aniPause, aniPool, aniRemove, aniStats],
  ...[alertAdd, alertList, alertRemove, alertSet, alertStatus],
  ...[alertChannelAdd, alertChannelList, alertChannelRemove, alertChannelSet, alertChannelTest],
  ...[auditList],
  ...[campaignAdd, campaignList, campaignPause, campaignRemove, campaignRename, campaignResume],
  ...[campaignSet, campaignSync],
  ...[companyAdd, companyCheck, companyList, companyRemove, companyRename, companySet, companyShow],
  ...DNC_OPERATIONS,
  ...DIALER_OPERATIONS,
  ...FIELD_OPERATIONS,
  ...[keyImport, keyIssue, keyList, keyRevoke, keyRotate, keySet],
  ...LEAD_OPERATIONS,
  ...[dialerList, overviewShow],
  ...SEAL_OPERATIONS,
  ...PERSON_OPERATIONS,
  ...[
    webhookAdd,
    webhookEvents,
    webhookList,
    webhookRedeliver,
    webhookRemove,
    webhookRotate,
    webhookSet,
    webhookTest,
  ],
];
