/** Distinct statements whose plans a connection keeps, at most: Live Feed's own are fewer. */
const MOST = 200;
const LOOK_EVERY_MS = 1_000;

/**
 * Names statements by their text, so that a connection prepares each once and PostgreSQL keeps its plan: planning the arbiter's
 * statements takes longer than running them. Beyond `MOST`, the empty name: not kept.
 *
 * PostgreSQL plans anew what it knows to have changed, which it learns from `ANALYZE`, minutes late: a plan that was good for an
 * empty table reads the whole of a full one. So when the tables have grown, all names change.
 *
 * @param tableSizes asked now and then while statements are named; while it fails, names stay as they are
 * @param now milliseconds
 */
export function createStatementNames(
  tableSizes: () => Promise<TableSizes>,
  now: () => number = () => performance.now(),
): (statement: { readonly sql: string }) => string {
  const numbers = new Map<string, number>();
  let generation = 0;
  let seen = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    lookedAt = now();
    try {
      const magnitudes = magnitudesOf(await tableSizes());
      if (magnitudes !== seen) generation += 1;
      seen = magnitudes;
    } catch {
      // The statement itself will fail with the reason.
    } finally {
      looking = false;
    }
  }

  return ({ sql }) => {
    if (!looking && now() - lookedAt >= LOOK_EVERY_MS) void look();
    const known = numbers.get(sql);
    if (known === undefined && numbers.size >= MOST) return '';
    const number = known ?? numbers.size + 1;
    if (known === undefined) numbers.set(sql, number);
    return `live_feed_${number}_${generation}`;
  };
}

/** In bytes, by table. */
export type TableSizes = Readonly<Record<string, number>>;

const PAGE_BYTES = 8_192;
/** A table of a gibibyte is read by its indexes, however large it grows. */
const MOST_PAGES = 131_072;

/** Plans are for an order of magnitude: fourfold growth is another one. */
function magnitudesOf(sizes: TableSizes): string {
  const magnitude = (bytes: number) =>
    Math.floor(Math.log2(Math.min(Math.max(1, bytes / PAGE_BYTES), MOST_PAGES)) / 2);
  return Object.entries(sizes)
    .map(([table, bytes]) => `${table} ${magnitude(bytes)}`)
    .sort()
    .join();
}
