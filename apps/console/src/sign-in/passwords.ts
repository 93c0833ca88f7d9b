import { hash, verify } from '@node-rs/argon2';

/** The cost of a guess. */
export interface PasswordCosts {
  readonly memoryKib: number;
  readonly passes: number;
}

/** What OWASP names as the least for Argon2id; some tens of milliseconds. */
const COSTS: PasswordCosts = { memoryKib: 19_456, passes: 2 };

/** A longer text is no password, and would cost time. */
export const MAX_PASSWORD_LENGTH = 256;

/** Hashes passwords with Argon2id. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long where there is no hash, so that the time does not tell whether there is such a person. */
  isRight(password: string, passwordHash: string | null | undefined): Promise<boolean>;
}

export function createPasswords({ memoryKib, passes }: PasswordCosts = COSTS): Passwords {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 };
  let nobodys: Promise<string> | undefined;

  return {
    hash: (password) => hash(password, options),
    async isRight(password, passwordHash) {
      if (password.length > MAX_PASSWORD_LENGTH) return false;
      if (passwordHash) return verify(passwordHash, password);
      nobodys ??= hash('of nobody', options);
      await verify(await nobodys, password);
      return false;
    },
  };
}
