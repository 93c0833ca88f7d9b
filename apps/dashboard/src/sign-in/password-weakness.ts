/** Below it a password can be guessed over HTTP. */
export const MIN_PASSWORD_LENGTH = 12;
/** `aaaaaaaaaaaa` and `121212121212` are long, too. */
const FEWEST_CHARACTERS = 6;

/** What people leave as it was, or type without thinking. */
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
  'dashboard',
  'livefeed',
  'live-feed',
  'live_feed',
  'abcdef',
  '123456',
] as const;

/** @returns what the password must be and is not; undefined for one that will do. Never repeats the password. */
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
