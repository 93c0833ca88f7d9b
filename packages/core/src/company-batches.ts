/**
 * What is submitted for a company goes at once if nothing of that company is under way. Items that come meanwhile, or shortly after, share the
 * company's next batch. Companies do not wait for each other, except for a place among those under way.
 */
export interface CompanyBatches<Item, Result> {
  /** @returns the item's own result; rejects with the error of its batch */
  submit(companyId: string, item: Item): Promise<Result>;
}

export interface CompanyBatchOptions<Item, Result> {
  /** @returns one result for each item, in their order */
  readonly run: (companyId: string, items: readonly Item[]) => Promise<readonly Result[]>;
  /** Batches under way at once, at most. */
  readonly atOnce: number;
  /** Between two batches of a company, milliseconds. */
  readonly restMs: number;
  /** The sum of the sizes in a batch, at most. An item that is larger goes alone. Default: no limit. */
  readonly maxSize?: number;
  readonly sizeOf?: (item: Item) => number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Items wait in memory: how many is up to those who submit. */
export function createCompanyBatches<Item, Result>(
  options: CompanyBatchOptions<Item, Result>,
): CompanyBatches<Item, Result> {
  const { run, atOnce, restMs, maxSize = Number.POSITIVE_INFINITY, sizeOf = () => 1 } = options;
  type Entry = Waiting<Item, Result>;
  /** By company, the one that has waited longest first. */
  const waiting = new Map<string, Entry[]>();
  const resting = new Set<string>();
  let underWay = 0;

  function next(): void {
    for (const [companyId, entries] of waiting) {
      if (underWay >= atOnce) return;
      if (resting.has(companyId)) continue;
      waiting.delete(companyId);
      const count = fitting(entries);
      // What is left comes after the other companies.
      if (count < entries.length) waiting.set(companyId, entries.slice(count));
      void runBatch(companyId, entries.slice(0, count));
    }
  }

  function fitting(entries: readonly Entry[]): number {
    let size = 0;
    const tooMany = entries.findIndex(({ item }, place) => {
      size += sizeOf(item);
      return place > 0 && size > maxSize;
    });
    return tooMany < 0 ? entries.length : tooMany;
  }

  async function runBatch(companyId: string, batch: readonly Entry[]): Promise<void> {
    underWay += 1;
    resting.add(companyId);
    try {
      const results = await run(
        companyId,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve }, place) => {
        resolve(results[place] as Result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      underWay -= 1;
      setTimeout(() => {
        resting.delete(companyId);
        next();
      }, restMs);
      next();
    }
  }

  return {
    submit(companyId, item) {
      return new Promise((resolve, reject) => {
        const entry = { item, resolve, reject };
        const others = waiting.get(companyId);
        if (others === undefined) waiting.set(companyId, [entry]);
        else others.push(entry);
        next();
      });
    },
  };
}
