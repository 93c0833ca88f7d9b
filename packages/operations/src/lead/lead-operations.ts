import type { AnyOperation } from '../operation.ts';
import { leadChanges, leadStopChange } from './bulk/lead-change-operations.ts';
import { leadCancelAll, leadRetryAll } from './bulk/retry-and-cancel.ts';
import { leadCancel, leadResolve, leadRetry } from './lead-changes.ts';
import { leadExport } from './lead-export.ts';
import { leadFigures } from './lead-figures.ts';
import { leadList } from './lead-list.ts';
import { leadPurge } from './lead-purge.ts';
import { leadRefused } from './lead-refused.ts';
import { leadShow } from './lead-show.ts';
import { leadResend } from './resend/lead-resend.ts';
import { leadResendAll } from './resend/resend-all.ts';

export const LEAD_OPERATIONS: readonly AnyOperation[] = [
  ...[leadList, leadShow, leadFigures, leadExport, leadRefused],
  ...[leadCancel, leadRetry, leadResolve, leadResend],
  ...[leadCancelAll, leadRetryAll, leadResendAll, leadPurge],
  ...[leadChanges, leadStopChange],
];
