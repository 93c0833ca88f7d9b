import { createHash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Below it a password can be guessed over HTTP. */
export const MIN_PASSWORD_LENGTH = 12;

/**
 * A check that takes the same time whatever is presented. Digests are compared, since `timingSafeEqual` wants equal lengths and a
 * comparison of lengths would tell the password's.
 *
 * @throws RangeError for credentials that nobody should be let in with, or that cannot be sent (RFC 7617: no colon in the user)
 */
export function credentialsCheck(expected: Credentials): (presented: Credentials) => boolean {
  if (expected.user === '' || expected.user.includes(':')) {
    throw new RangeError('The dashboard needs a user without a colon in the name.');
  }
  if (expected.password.length < MIN_PASSWORD_LENGTH) {
    throw new RangeError(`The dashboard needs a password of at least ${MIN_PASSWORD_LENGTH} characters.`);
  }
  const user = digest(expected.user);
  const password = digest(expected.password);
  return (presented) => {
    const userIsRight = timingSafeEqual(user, digest(presented.user));
    const passwordIsRight = timingSafeEqual(password, digest(presented.password));
    return userIsRight && passwordIsRight;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
