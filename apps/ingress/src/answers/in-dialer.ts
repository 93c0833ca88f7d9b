import { UNAVAILABLE } from '@live-feed/core/directory/errand';

/** Why it is not known what the dialing system says of a lead. */
export const IN_DIALER_REASONS = [...UNAVAILABLE, 'NO_ANSWER'] as const;

export type InDialerReason = (typeof IN_DIALER_REASONS)[number];

/** For people, within a sentence. */
export const REASONS_IN_WORDS: Readonly<Record<InDialerReason, string>> = {
  CANNOT: 'your company’s dialer cannot be asked about single leads',
  OTHER_ACCOUNT: 'the lead was sent to another account of the dialer than it has now',
  TOKEN_REFUSED: 'the dialer refused the API token, or there is none',
  THROTTLED: 'the dialer takes no more requests now',
  UNREACHABLE: 'the dialer could not be reached',
  FAILED: 'the dialer did not answer as it should',
  NO_ANSWER: 'there was no answer in time',
  NOT_ASKED: 'the dialer could not be asked now',
};
