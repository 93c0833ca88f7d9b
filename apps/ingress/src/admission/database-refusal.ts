import { foundNoConnection } from '@live-feed/database/connection/statement-effect';
import { ApiError, type ApiErrorDetails } from '../answers/api-error.ts';

/**
 * Why a lead cannot be taken where a statement was not carried out: nothing was taken.
 *
 * @param isAlive whether the database answers other statements
 * @param cause why this one failed; undefined if it waited too long for others
 */
export function databaseRefusal(isAlive: boolean, details: ApiErrorDetails, cause: unknown): ApiError {
  if (isAlive && (cause === undefined || foundNoConnection(cause))) {
    return new ApiError('OVERLOADED', { about: 'busy' });
  }
  return new ApiError('DATABASE_UNAVAILABLE', { ...details, about: 'to take a lead' }, cause);
}
