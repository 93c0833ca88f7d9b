import { ApiError, type ApiErrorCode, type ApiErrorDetails } from '../http/api-error.ts';

/** Nothing was taken. @param retryAfterSeconds null where nobody knows */
export function comeBack(
  code: ApiErrorCode,
  why: string,
  retryAfterSeconds: number | null,
  details: ApiErrorDetails = {},
): ApiError {
  const message = `${why}; nothing was taken. Submit the lead again ${inWords(retryAfterSeconds)}.`;
  return new ApiError(code, message, { ...details, retryAfterSeconds });
}

export function overloaded(why: string, details?: ApiErrorDetails): ApiError {
  return comeBack('OVERLOADED', why, 1, details);
}

function inWords(seconds: number | null): string {
  if (seconds === null) return 'later';
  return seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
}
