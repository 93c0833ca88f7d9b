import { once } from 'node:events';
import { connect } from 'node:net';
import { documentOf } from './api-document.ts';
import type { Answer } from './client.ts';

/** A connection to an ingress on which every byte is the test's own. */
export interface RawConnection {
  /** Written as it is; of an array, the lines of a head, with the empty line that ends it. */
  send(data: string | Buffer | readonly string[]): void;
  /** Says that nothing more will be sent; answers can still come. */
  finish(): void;
  /** The next answer on the connection, held against the OpenAPI document. Rejects if the ingress hangs up instead. */
  answer(): Promise<Answer>;
  /** Resolves when the ingress has hung up, with the answers that nobody has asked for. */
  closed(): Promise<readonly Answer[]>;
  /** Ends it from this side. */
  destroy(): void;
}

/** @param url of the ingress, without a path */
export async function connectRaw(url: string): Promise<RawConnection> {
  const holdAgainstDocument = await documentOf(url);
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  const arrived: Answer[] = [];
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  let rest = Buffer.alloc(0);

  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let next = takeAnswer(rest); next !== undefined; next = takeAnswer(rest)) {
      rest = rest.subarray(next.bytes);
      const asked = waiting.shift();
      if (asked === undefined) arrived.push(next.answer);
      else asked.resolve(next.answer);
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject } of waiting.splice(0)) reject(new Error('The ingress hung up without an answer.'));
      resolve();
    });
  });

  return {
    send(data) {
      const isHead = typeof data !== 'string' && !Buffer.isBuffer(data);
      socket.write(isHead ? `${data.join('\r\n')}\r\n\r\n` : data);
    },
    finish: () => socket.end(),
    async answer() {
      const answer =
        arrived.shift() ??
        (await new Promise<Answer>((resolve, reject) => {
          if (socket.destroyed) reject(new Error('The ingress has hung up.'));
          else waiting.push({ resolve, reject });
        }));
      if (answer.status >= 200) holdAgainstDocument('POST', '/live-feed/ringcx', answer);
      return answer;
    },
    async closed() {
      await closed;
      return arrived;
    },
    destroy: () => socket.destroy(),
  };
}

/** The first answer in the bytes, once it is whole. */
function takeAnswer(bytes: Buffer): { readonly answer: Answer; readonly bytes: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const bodyStart = headEnd + 4;
  const bodyEnd = bodyStart + Number(headers.get('content-length') ?? 0);
  if (bytes.length < bodyEnd) return undefined;
  const text = bytes.subarray(bodyStart, bodyEnd).toString();
  return { answer: { status, headers, body: text === '' ? null : JSON.parse(text) }, bytes: bodyEnd };
}
