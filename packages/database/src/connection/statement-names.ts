/** Maximum number of statements whose plans a connection keeps. Live Feed has fewer. */
const MOST = 200;
const LOOK_EVERY_MS = 1_000;

/**
 * Names statements by their text, so that a connection prepares each once and PostgreSQL keeps its plan: planning the arbiter's
 * statements takes longer than executing them. Statements beyond `MOST` get the empty name, whose plans are not kept.
 *
 * PostgreSQL makes a new plan only after `ANALYZE`, which comes minutes late: a plan for an empty table would read all of a full one.
 * So all names change when the tables have grown.
 *
 * @param tableSizes called at most once a second; while it fails, the names stay
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
      // The statement that is being named reports the cause.
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
/** Plans of tables above a gibibyte no longer change. */
const MOST_PAGES = 131_072;

/** Growth by a factor of four changes a magnitude. */
function magnitudesOf(sizes: TableSizes): string {
  const magnitude = (bytes: number) =>
    Math.floor(Math.log2(Math.min(Math.max(1, bytes / PAGE_BYTES), MOST_PAGES)) / 2);
  return Object.entries(sizes)
    .map(([table, bytes]) => `${table} ${magnitude(bytes)}`)
    .sort()
    .join();
}
