/**
 * Group commit: what is submitted while a batch is under way forms the next batch. Nothing waits for a timer: with little to do an item
 * goes alone and at once, and the more there is to do, the larger the batches are.
 */
export interface GroupCommit<Item, Result> {
  /** @returns the item's own result; rejects with the error of a batch that had no other item, or that must not be repeated */
  submit(item: Item): Promise<Result>;
}

export interface GroupCommitOptions<Item, Result> {
  /** @returns one result for each item, in their order */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Batches under way at once, at most. */
  readonly atOnce: number;
  /** The sum of the sizes in a batch, at most. An item that is larger goes alone. */
  readonly maxSize: number;
  readonly sizeOf: (item: Item) => number;
  /** Where the trouble with one owner's items has to be kept away from the others. */
  readonly owners?: Owners<Item>;
  /** Milliseconds on a steady clock; for tests. */
  readonly now?: () => number;
}

export interface Owners<Item> {
  /** A batch has one item of an owner. */
  readonly of: (item: Item) => string;
  /** Whether a batch that failed with this has had no effect, and one of its items may be the cause: they are repeated one by one. */
  readonly mayRepeat: (error: unknown) => boolean;
}

/** An owner whose item has failed alone, or took so long alone that it must have waited for somebody, goes alone for a while. */
const APART_MS = 10_000;
const SLOW_ALONE_MS = 100;
/** Where more owners are in trouble it is not theirs: they would only slow each other down. */
const MOST_APART = 10;
/**
 * Items of such owners, and of a batch that is taken apart, have as many batches of one at once: of an owner one, and those of a batch
 * that was taken apart come first, so that they do not wait for one that fails again and again.
 */
const APART_AT_ONCE = 2;

interface Submitted<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Items wait in memory: how many is up to those who submit. */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const { commit, atOnce, maxSize, sizeOf, owners, now = () => performance.now() } = options;
  type Entry = Submitted<Item, Result>;
  let together: Entry[] = [];
  const apart: Entry[] = [];
  /** Owners that go alone, until when. */
  const troubled = new Map<string, number>();
  /** Batches of several. */
  let underWay = 0;
  /** Owners whose item is under way alone. */
  const goingAlone = new Set<string>();
  let scheduled = false;

  const ownerOf = (item: Item) => owners?.of(item) ?? '';

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // Items of one turn of the event loop share a batch.
    setImmediate(() => {
      scheduled = false;
      for (let next = takeApart(); next !== undefined; next = takeApart()) void runAlone(next);
      while (together.length > 0 && underWay < atOnce) void runTogether(nextBatch());
    });
  }

  function takeApart(): Entry | undefined {
    if (goingAlone.size >= APART_AT_ONCE) return undefined;
    const ready = apart.filter(({ item }) => !goingAlone.has(ownerOf(item)));
    const next = ready.find(({ item }) => !isTroubled(item)) ?? ready[0];
    if (next !== undefined) apart.splice(apart.indexOf(next), 1);
    return next;
  }

  async function runAlone(entry: Entry): Promise<void> {
    const owner = ownerOf(entry.item);
    goingAlone.add(owner);
    const startedAt = now();
    await run([entry]);
    if (now() - startedAt > SLOW_ALONE_MS) keepApart([entry]);
    goingAlone.delete(owner);
  }

  async function runTogether(batch: readonly Entry[]): Promise<void> {
    underWay += 1;
    await run(batch);
    underWay -= 1;
  }

  function nextBatch(): Entry[] {
    const batch: Entry[] = [];
    const left: Entry[] = [];
    const taken = new Set<string>();
    let size = 0;
    for (const entry of together) {
      const owner = owners?.of(entry.item);
      const own = sizeOf(entry.item);
      const fits = batch.length === 0 || size + own <= maxSize;
      if (!fits || (owner !== undefined && taken.has(owner))) {
        left.push(entry);
        continue;
      }
      if (owner !== undefined) taken.add(owner);
      size += own;
      batch.push(entry);
    }
    together = left;
    return batch;
  }

  async function run(batch: readonly Entry[]): Promise<void> {
    try {
      const results = await commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, place) => {
        resolve(results[place] as Result);
      });
    } catch (error) {
      const isOfOne = owners?.mayRepeat(error) ?? false;
      if (isOfOne && batch.length > 1) apart.push(...batch);
      else {
        if (isOfOne) keepApart(batch);
        for (const { reject } of batch) reject(error);
      }
    } finally {
      schedule();
    }
  }

  function keepApart(batch: readonly Entry[]): void {
    for (const { item } of batch) {
      const owner = ownerOf(item);
      // Deleted first, so that the owners stay in the order in which their time ends.
      troubled.delete(owner);
      if (troubled.size < MOST_APART) troubled.set(owner, now() + APART_MS);
    }
  }

  function isTroubled(item: Item): boolean {
    for (const [each, until] of troubled) {
      if (until > now()) break;
      troubled.delete(each);
    }
    return troubled.has(ownerOf(item));
  }

  return {
    submit(item) {
      return new Promise<Result>((resolve, reject) => {
        (isTroubled(item) ? apart : together).push({ item, resolve, reject });
        schedule();
      });
    },
  };
}
