/**
 * The last requests to the dialing systems, unchanged, so that tests can check what was sent where. Bounded by their number and by the
 * characters of their bodies.
 */
export interface LoggedRequest {
  readonly id: number;
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The text of the body; null until one was read. */
  body: string | null;
}

export type RequestLog = ReturnType<typeof createRequestLog>;

const MAX_BODY_CHARACTERS = 16 * 1024 * 1024;

/** @param secretHeaders lower-case names of the headers whose values are shown masked. */
export function createRequestLog(capacity: number, secretHeaders: ReadonlySet<string>) {
  const entries: LoggedRequest[] = [];
  let lastId = 0;
  let bodyCharacters = 0;

  function trim(): void {
    while (entries.length > capacity || (bodyCharacters > MAX_BODY_CHARACTERS && entries.length > 1)) {
      bodyCharacters -= entries.shift()?.body?.length ?? 0;
    }
  }

  return {
    add(request: Pick<LoggedRequest, 'atMs' | 'method' | 'url' | 'headers'>): LoggedRequest {
      lastId += 1;
      const entry: LoggedRequest = { id: lastId, ...request, body: null };
      entries.push(entry);
      trim();
      return entry;
    },
    addBody(entry: LoggedRequest, body: string): void {
      const first = entries[0];
      if (first === undefined || entry.id < first.id) return;
      entry.body = body;
      bodyCharacters += body.length;
      trim();
    },
    /** The last `limit` requests, oldest first; a JSON body is shown parsed. */
    last: (limit: number) =>
      entries.slice(-limit).map((entry) => ({
        ...entry,
        headers: maskHeaders(entry.headers, secretHeaders),
        body: parsed(entry.body),
      })),
    clear(): void {
      entries.length = 0;
      bodyCharacters = 0;
    },
  };
}

function maskHeaders(headers: LoggedRequest['headers'], secret: ReadonlySet<string>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secret.has(name) ? mask(String(value)) : value]),
  );
}

/** The last four characters distinguish the tokens of companies; a short token is hidden completely. */
function mask(secret: string): string {
  return secret.length >= 12 ? `***${secret.slice(-4)}` : '***';
}

function parsed(body: string | null): unknown {
  if (body === null) return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
