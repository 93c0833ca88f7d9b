import type { ApiErrorEntry } from './api-error-entry.ts';

/** The message of a 429: why, and when to come back. */
function comeBack<Why extends string>(because: Readonly<Record<Why, string>>) {
  return (why: Why, retryAfterS: number | null) =>
    `${because[why]}; nothing was taken. Submit the lead again ${inWords(retryAfterS)}.`;
}

function inWords(seconds: number | null): string {
  if (seconds === null) return 'later';
  return seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
}

const DATABASE_AWAY = {
  'to take a lead': 'The database did not respond in time; nothing was taken. Submit the lead again later.',
  'about leads': 'The database did not respond in time. Ask again later.',
  'to assign numbers': 'The database did not respond in time, so no number was assigned. Ask again later.',
  'to change the list':
    'The database did not respond in time, so the list may or may not have been changed. Send the request again later: repeating it does no harm.',
} as const;

/** A valid request is refused because this server, a store or the dialer cannot take it now. Nothing was taken. */
export const REFUSALS = {
  OVERLOADED: {
    status: 429,
    to: ['any', 'lead', 'batch', 'assignments', 'phone', 'health'],
    retryable: true,
    meaning:
      'Too many leads are waiting here, this server has too much to do, or it is about to stop. Nothing was taken.',
    message: comeBack({
      busy: 'This server has too much to do',
      stopping: 'This server is about to stop',
      callers: 'Too many leads are waiting here',
      'callers of the company': "Too many of your company's leads are waiting here",
      batches: 'Too many batches are under way here',
      'batches of the company': "Too many of your company's batches are under way here",
      'dry runs': 'Too many dry runs are under way here',
      'dry runs of the company': "Too many of your company's dry runs are under way here",
      assignments: 'Too many caller IDs are being assigned here',
      'assignments of the company': 'Too many caller IDs of your company are being assigned here',
      phones: 'Too many phones are being put on lists or looked up here',
      'phones of the company':
        "Too many of your company's phones are being put on its list or looked up here",
      connections: 'There are too many connections here',
      pipelining: 'Too many requests are under way on this connection',
    }),
    retryAfterS: 1,
  },
  DIALER_BACKLOG: {
    status: 429,
    to: ['lead'],
    retryable: true,
    meaning: 'More leads wait for the dialer than it can take in time. Nothing was taken.',
    message: comeBack({ backlog: 'More leads wait for your dialer than it can take in time' }),
    retryAfterS: 'forecast',
  },
  DIALER_PAUSED: {
    status: 429,
    to: ['lead'],
    retryable: true,
    meaning:
      'The dialer is paused, or may not be called for longer than a caller would wait. Nothing was taken.',
    message: comeBack({
      held: 'Your dialer may not be called for a while',
      paused: 'Your dialer is paused',
    }),
    retryAfterS: 'forecast',
  },
  CAMPAIGN_PAUSED: {
    status: 429,
    to: ['lead'],
    retryable: true,
    meaning:
      'The campaign is paused, and takes no new leads meanwhile, or only those whose callers do not wait. Nothing was taken.',
    message: comeBack({
      refused: 'This campaign is paused',
      waits: 'This campaign is paused, and takes only leads whose callers prefer not to wait',
      full: 'This campaign is paused, and keeps as many leads as it may',
    }),
    retryAfterS: 'forecast',
  },
  KEY_LIMIT_REACHED: {
    status: 429,
    to: ['lead', 'assignment'],
    retryable: true,
    meaning: 'The API key has sent as many leads as it may for now. Nothing was taken.',
    message: comeBack({
      rate: 'This API key sends more leads than it may',
      daily: 'This API key has sent as many leads today as it may',
    }),
    retryAfterS: 'forecast',
  },
  TOO_MANY_LISTS: {
    status: 429,
    to: ['list'],
    retryable: true,
    meaning: 'The company reads more lists of leads at once than it may.',
    message: (most: number) =>
      `Your company is reading other lists of leads now. Read at most ${most} at once, and this one again in a second.`,
    retryAfterS: 1,
  },

  TOO_MANY_DIALER_REQUESTS: {
    status: 429,
    to: ['inDialer'],
    retryable: true,
    meaning: 'Dialers are being asked about as many leads at once as may be, of the company or in all.',
    message: (most: number | 'busy') =>
      most === 'busy'
        ? 'Dialers are being asked about too many leads here now. Ask about this one again in a second.'
        : `Your company is having the dialer asked about other leads now. Do so for at most ${most} at once, and for this one again in a second.`,
    retryAfterS: 1,
  },

  PHONE_CHECK_UNAVAILABLE: {
    status: 503,
    to: ['lead'],
    retryable: true,
    meaning:
      "The company's own check of phones did not answer, and its leads are not sent without. Nothing was taken.",
    message: comeBack({
      unanswered: "Your company's own check of phones did not answer",
    }),
    retryAfterS: 5,
  },
  QUEUE_UNAVAILABLE: {
    status: 503,
    to: ['lead', 'assignments'],
    retryable: true,
    meaning: 'The queue is away. Nothing was taken.',
    message: 'The lead could not be queued; nothing was taken. Submit it again later.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    to: ['keyed'],
    retryable: true,
    meaning: 'The database is away. Nothing was taken.',
    message: (asked: keyof typeof DATABASE_AWAY) => DATABASE_AWAY[asked],
  },
} as const satisfies Readonly<Record<string, ApiErrorEntry>>;
