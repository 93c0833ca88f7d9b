/** Shorter passwords can be guessed over HTTP. */
const MIN_PASSWORD_LENGTH = 12;
/** A longer text is no password, and would cost time. */
export const MAX_PASSWORD_LENGTH = 256;
/** Excludes `aaaaaaaaaaaa` and `121212121212`. */
const FEWEST_CHARACTERS = 6;

/** Parts of passwords that are guessed first. */
const USUAL = [
  'password',
  'passwort',
  'changeme',
  'change-me',
  'change_me',
  'default',
  'secret',
  'letmein',
  'welcome',
  'qwerty',
  'console',
  'livefeed',
  'live-feed',
  'live_feed',
  'abcdef',
  '123456',
] as const;

/** @returns the requirement that the password does not meet; undefined if it meets all. Never contains the password. */
export function weaknessOf(password: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `must be a text of at least ${MIN_PASSWORD_LENGTH} characters`;
  }
  if (new Set(password).size < FEWEST_CHARACTERS) {
    return `must have at least ${FEWEST_CHARACTERS} different characters`;
  }
  const lower = password.toLowerCase();
  const usual = USUAL.find((word) => lower.includes(word));
  return usual === undefined ? undefined : `must not contain "${usual}", which is guessed first`;
}
