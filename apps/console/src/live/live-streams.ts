import { Readable } from 'node:stream';
import { type Repetition, repeat } from '@live-feed/runtime/repeat';

/** What a browser looks at. */
export interface Viewer {
  readonly sessionId: string;
  /** The only company that it reaches, as it was when the stream was opened; null: all. */
  readonly companyId: string | null;
  /** Viewers with the same one see the same, and share one reading. */
  readonly scope: string;
}

export interface LiveStreams {
  /** Server-sent events: what was read, again and again, then `ended` with the session. Undefined: there are too many. */
  open(viewer: Viewer, read: () => Promise<string>): Readable | undefined;
  close(): Promise<void>;
}

export interface LiveStreamsOptions {
  readonly everyMs: number;
  /** In this process. */
  readonly most: number;
  readonly mostOfSession: number;
  /** The sessions that go on, with the company that they reach now. */
  readonly goOn: (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, string | null>>;
  readonly onError: (error: unknown) => void;
}

interface Watched {
  readonly streams: Map<Readable, Viewer>;
  readonly reading: Repetition;
}

/** The browser closes its stream at it: see the page's `hx-sse:close`. */
const END = 'event: ended\ndata: \n\n';

/** One reading for each scope, however many look at it, and none while nobody does. */
export function createLiveStreams(options: LiveStreamsOptions): LiveStreams {
  const { everyMs, most, mostOfSession, goOn, onError } = options;
  const scopes = new Map<string, Watched>();
  let isClosed = false;

  const viewers = () => [...scopes.values()].flatMap(({ streams }) => [...streams.values()]);

  function watch(scope: string, read: () => Promise<string>): Watched {
    const streams = new Map<Readable, Viewer>();
    let isFirst = true;
    const reading = repeat(
      async () => {
        // The page that opens a stream is fresh.
        if (isFirst) {
          isFirst = false;
          return;
        }
        await endThoseWithoutSession(streams);
        if (streams.size === 0) return;
        const text = event(await read());
        // Who does not keep up gets the next one.
        for (const stream of streams.keys()) if (stream.readableLength === 0) stream.push(text);
      },
      everyMs,
      onError,
    );
    const watched = { streams, reading };
    scopes.set(scope, watched);
    return watched;
  }

  async function endThoseWithoutSession(streams: ReadonlyMap<Readable, Viewer>): Promise<void> {
    const going = await goOn([...new Set([...streams.values()].map(({ sessionId }) => sessionId))]);
    for (const [stream, { sessionId, companyId }] of streams) {
      if (going.get(sessionId) !== companyId) end(stream);
    }
  }

  return {
    open(viewer, read) {
      const all = viewers();
      const own = all.filter(({ sessionId }) => sessionId === viewer.sessionId);
      if (isClosed || all.length >= most || own.length >= mostOfSession) return undefined;
      const watched = scopes.get(viewer.scope) ?? watch(viewer.scope, read);
      const stream = new Readable({ read: () => undefined });
      watched.streams.set(stream, viewer);
      stream.push(': open\n\n');
      stream.once('close', () => {
        watched.streams.delete(stream);
        if (watched.streams.size > 0 || scopes.get(viewer.scope) !== watched) return;
        scopes.delete(viewer.scope);
        void watched.reading.stop();
      });
      return stream;
    },
    async close() {
      isClosed = true;
      const all = [...scopes.values()];
      for (const { streams } of all) for (const stream of streams.keys()) stream.destroy();
      await Promise.all(all.map(({ reading }) => reading.stop()));
    },
  };
}

function end(stream: Readable): void {
  stream.push(END);
  stream.push(null);
}

/** A line of text each, as server-sent events are written. */
function event(text: string): string {
  return `${text
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;
}
