import { createCompanyBatches } from '@live-feed/core/company-batches';

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

/**
 * Additions of a company share statements. They wait in memory: how many is up to the caller.
 *
 * @param write returns the digests of the phones that were not on the list
 */
export function createListAdditions<Phone extends { readonly phoneDigest: string }>(
  write: (companyId: string, phones: readonly Phone[]) => Promise<readonly string[]>,
): ListAdditions<Phone> {
  const { submit } = createCompanyBatches<Phone, Added>({
    async run(companyId, phones) {
      const added = new Set(await write(companyId, phones));
      // Of two equal ones in a batch, the first added it.
      return phones.map(({ phoneDigest }) => (added.delete(phoneDigest) ? 'added' : 'there already'));
    },
    atOnce: AT_ONCE,
    restMs: REST_MS,
  });
  return { add: submit };
}
