import { foundNoConnection } from '@live-feed/database/connection/statement-effect';
import { overloaded } from '../admission/come-back.ts';
import { ApiError, type ApiErrorDetails } from '../http/api-error.ts';
import { statusPath } from './lead-answer.ts';

/** What a caller is told where the cause is here, and not the request or the dialer. All but the last: nothing was taken. */

export function queueUnavailable(details: ApiErrorDetails, cause: unknown): ApiError {
  return new ApiError(
    'QUEUE_UNAVAILABLE',
    'The lead could not be queued; nothing was taken. Submit it again later.',
    details,
    cause,
  );
}

/**
 * @param isAlive whether the database answers others
 * @param cause why it was not asked, or did not do it; undefined where others were before this one for too long
 */
export function databaseRefusal(isAlive: boolean, details: ApiErrorDetails, cause: unknown): ApiError {
  if (isAlive && (cause === undefined || foundNoConnection(cause))) {
    return overloaded('This server has more to do than it can');
  }
  return databaseUnavailable(details, cause);
}

export function databaseUnavailable(details: ApiErrorDetails = {}, cause?: unknown): ApiError {
  return new ApiError(
    'DATABASE_UNAVAILABLE',
    'The database did not answer in time; nothing was taken. Submit the lead again later.',
    details,
    cause,
  );
}

export function givenBack(leadId: string, cause?: unknown): ApiError {
  return new ApiError(
    'GIVEN_BACK',
    'The lead was given back unsent. Submit it again later.',
    { leadId },
    cause,
  );
}

/** Neither the database nor the queue could tell in time. */
export function outcomeUnknown(leadId: string, cause?: unknown): ApiError {
  return new ApiError(
    'OUTCOME_UNKNOWN',
    'It is not known yet whether the lead was taken, since the database could not be asked. Look at statusUrl in a while, or send the same ' +
      'request again; do not submit it as a new lead before.',
    { leadId, statusUrl: statusPath(leadId) },
    cause,
  );
}
