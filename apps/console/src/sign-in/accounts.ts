import { createHash, timingSafeEqual } from 'node:crypto';

/** An operator may pause, resume, retry and promote; a viewer changes nothing. */
export type Role = 'operator' | 'viewer';

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly role: Role;
}

export type SignedIn = Pick<Account, 'user' | 'role'>;

/**
 * A check that takes the same time for every user and password. It compares digests, because `timingSafeEqual` needs equal lengths,
 * and comparing lengths would reveal the password's.
 */
export function accountCheck(
  accounts: readonly Account[],
): (user: string, password: string) => SignedIn | undefined {
  const known = accounts.map(({ user, password, role }) => ({
    signedIn: { user, role },
    user: digest(user),
    password: digest(password),
  }));
  return (user, password) => {
    const [presentedUser, presentedPassword] = [digest(user), digest(password)];
    let found: SignedIn | undefined;
    for (const account of known) {
      const userIsRight = timingSafeEqual(account.user, presentedUser);
      const passwordIsRight = timingSafeEqual(account.password, presentedPassword);
      if (userIsRight && passwordIsRight) found = account.signedIn;
    }
    return found;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
