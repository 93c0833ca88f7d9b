/** Metrics as Prometheus would read them: the value of a series by its whole name, labels included. */
export type Scraped = ReadonlyMap<string, number>;

/** @param url of the operations server, without a path */
export async function metricsText(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}.`);
  return response.text();
}

/** @param url of the operations server, without a path */
export async function scrape(url: string): Promise<Scraped> {
  const lines = (await metricsText(url)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** `name{one="a",other="b"}`, in the order of the registries. */
export function series(name: string, labels: Readonly<Record<string, string>>): string {
  const written = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${written.join(',')}}`;
}
