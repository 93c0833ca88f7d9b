import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One event, as a receiver reads it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look at is what they assert about
  readonly data: any;
}

/** Ends the response, or leaves it. */
type Answer = (response: ServerResponse, request: Received) => void;

/** A company's server, as its developers would write it. */
export interface Receiver {
  readonly url: string;
  /** Every request, also those that were not answered with 2xx. */
  readonly requests: readonly Received[];
  /** From now on; without it 200. */
  answer: Answer;
  stop(): Promise<void>;
}

/** @param certificate with its key, PEM: over HTTPS; without, over HTTP */
export async function startReceiver(
  answer: Answer = answerWith(200),
  certificate?: { readonly key: string; readonly cert: string },
): Promise<Receiver> {
  const requests: Received[] = [];
  const take: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(received);
      receiver.answer(response, received);
    });
  };
  const server = certificate === undefined ? createServer(take) : createSecureServer(certificate, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hooks`,
    requests,
    answer,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

export function answerWith(status: number, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(status, headers).end('ok');
}

/** Verifies as the package's own documentation tells receivers to. @throws if the signature is not of the secret */
export function verified({ body, headers }: Received, secret: string): ReceivedEvent {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as ReceivedEvent;
}

/** The events of requests, those of lists one by one. */
export function eventsOf(requests: readonly Received[]): ReceivedEvent[] {
  return requests.flatMap(({ body }) => {
    const read = JSON.parse(body);
    return read.type === 'batch' ? read.data : [read];
  });
}
