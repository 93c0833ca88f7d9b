import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

export interface OperationsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly metrics: Metrics;
  /** What the process cannot use now, each with a reason for people; empty if it can work. */
  readonly missing: () => Readonly<Record<string, string>>;
}

export interface OperationsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Scrapers and health checks need few. */
const MOST_CONNECTIONS = 50;

/**
 * For operators, on a separate address that callers cannot reach: `/metrics`, `/healthz` (the process responds) and `/readyz` (it can
 * work; 503 names what is missing).
 *
 * @throws if it cannot listen on the address
 */
export async function startOperationsServer(options: OperationsServerOptions): Promise<OperationsServer> {
  const server = createServer({ requestTimeout: 5_000 }, answering(options));
  server.maxConnections = MOST_CONNECTIONS;
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function answering({ metrics, missing }: OperationsServerOptions): RequestListener {
  async function answer(method: string | undefined, path: string | undefined): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return json(405, { message: 'Only GET is answered here.' });
    switch (path) {
      case '/metrics':
        return { status: 200, type: metrics.contentType, body: await metrics.text() };
      case '/healthz':
        return json(200, { status: 'ok' });
      case '/readyz': {
        const why = missing();
        const absent = Object.keys(why);
        return absent.length === 0
          ? json(200, { status: 'ready' })
          : json(503, { status: 'not ready', missing: absent, why });
      }
      default:
        return json(404, { message: 'There are /metrics, /healthz and /readyz here.' });
    }
  }

  return (request, response) => {
    answer(request.method, request.url?.split('?', 1)[0])
      .catch(() => json(500, { message: 'The metrics could not be collected.' }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
  };
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
