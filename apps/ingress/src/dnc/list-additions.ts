type Added = 'added' | 'there already';

/** Adds phones to the lists of companies. */
export interface ListAdditions<Phone> {
  /** @returns once the phone is on the list @throws Error of the statement: it may have been added or not */
  add(companyId: string, phone: Phone): Promise<Added>;
}

/** Statements under way at once: the other connections are for leads. */
const AT_ONCE = 3;
/**
 * Between two statements of a company. An addition makes the company's uploads that are just being begun try again, so additions without a
 * pause would hold them up.
 */
const REST_MS = 50;

interface Waiting<Phone> {
  readonly phone: Phone;
  readonly resolve: (added: Added) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The first addition of a company goes at once. Those that come while it is written, or shortly after, share the next statement. They wait in
 * memory: how many is up to the caller.
 *
 * @param write returns the digests of the phones that were not on the list
 */
export function createListAdditions<Phone extends { readonly phoneDigest: string }>(
  write: (companyId: string, phones: readonly Phone[]) => Promise<readonly string[]>,
): ListAdditions<Phone> {
  /** By company, the one that has waited longest first. */
  const waiting = new Map<string, Waiting<Phone>[]>();
  const resting = new Set<string>();
  let underWay = 0;

  function next(): void {
    for (const companyId of waiting.keys()) {
      if (underWay >= AT_ONCE) return;
      if (resting.has(companyId)) continue;
      const batch = waiting.get(companyId) ?? [];
      waiting.delete(companyId);
      void run(companyId, batch);
    }
  }

  async function run(companyId: string, batch: readonly Waiting<Phone>[]): Promise<void> {
    underWay += 1;
    resting.add(companyId);
    try {
      const phones = batch.map(({ phone }) => phone);
      const added = new Set(await write(companyId, phones));
      for (const { phone, resolve } of batch) {
        // Of two equal ones in a batch, the first added it.
        resolve(added.delete(phone.phoneDigest) ? 'added' : 'there already');
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      underWay -= 1;
      setTimeout(() => {
        resting.delete(companyId);
        next();
      }, REST_MS);
      next();
    }
  }

  return {
    add(companyId, phone) {
      return new Promise((resolve, reject) => {
        const entry = { phone, resolve, reject };
        const others = waiting.get(companyId);
        if (others === undefined) waiting.set(companyId, [entry]);
        else others.push(entry);
        next();
      });
    },
  };
}
