import { MAX_PASSWORD_LENGTH } from './password-weakness.ts';

/** The cost of a guess. */
export interface PasswordCosts {
  readonly memoryKib: number;
  readonly passes: number;
}

/** What OWASP names as the least for Argon2id; some tens of milliseconds. */
const COSTS: PasswordCosts = { memoryKib: 19_456, passes: 2 };

/** Hashes passwords with Argon2id. What does it is loaded at first use. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long where there is no hash, so that the time does not tell whether there is such a person. */
  isRight(password: string, passwordHash: string | null | undefined): Promise<boolean>;
}

export function createPasswords({ memoryKib, passes }: PasswordCosts = COSTS): Passwords {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 };
  let nobodys: Promise<string> | undefined;
  const argon2 = () => import('@node-rs/argon2');
  const hash = async (password: string) => (await argon2()).hash(password, options);

  return {
    hash,
    async isRight(password, passwordHash) {
      if (password.length > MAX_PASSWORD_LENGTH) return false;
      const { verify } = await argon2();
      if (passwordHash) return verify(passwordHash, password);
      nobodys ??= hash('of nobody');
      await verify(await nobodys, password);
      return false;
    },
  };
}
