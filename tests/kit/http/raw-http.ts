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
  /**
   * The next answer on the connection, held against the OpenAPI document. Rejects if the ingress hangs up instead.
   *
   * @param to what it answers; default: a lead that was posted
   */
  answer(to?: Asked): Promise<Answer>;
  /** The next answer to whatever has a body. Rejects as `answer`. */
  unheldAnswer(): Promise<Answer>;
  /** Resolves when the ingress has hung up, with the answers that nobody has asked for. */
  closed(): Promise<readonly Answer[]>;
  /** Ends it from this side. */
  destroy(): void;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
}

const A_LEAD: Asked = { method: 'POST', path: '/live-feed/ringcx' };

/** @param url of the ingress, without a path */
export async function connectRaw(url: string): Promise<RawConnection> {
  const holdAgainstDocument = await documentOf(url);
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  const waiting: { readonly to: Asked; resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  let rest = Buffer.alloc(0);

  /** Only who asks knows where an answer ends: one to HEAD has the length of a body that it does not have. */
  function take({ method }: Asked): Answer | undefined {
    const next = takeAnswer(rest, method);
    if (next !== undefined) rest = rest.subarray(next.bytes);
    return next?.answer;
  }

  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const answer = take(first.to);
      if (answer === undefined) return;
      waiting.shift();
      first.resolve(answer);
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

  async function nextAnswer(to: Asked): Promise<Answer> {
    const arrived = waiting.length === 0 ? take(to) : undefined;
    if (arrived !== undefined) return arrived;
    if (socket.destroyed) throw new Error('The ingress has hung up.');
    return new Promise((resolve, reject) => waiting.push({ to, resolve, reject }));
  }

  return {
    send(data) {
      const isHead = typeof data !== 'string' && !Buffer.isBuffer(data);
      socket.write(isHead ? `${data.join('\r\n')}\r\n\r\n` : data);
    },
    finish: () => socket.end(),
    async answer(to = A_LEAD) {
      const answer = await nextAnswer(to);
      if (answer.status >= 200) holdAgainstDocument(to.method, to.path, answer);
      return answer;
    },
    unheldAnswer: () => nextAnswer(A_LEAD),
    async closed() {
      await closed;
      const answers: Answer[] = [];
      for (let answer = take(A_LEAD); answer !== undefined; answer = take(A_LEAD)) answers.push(answer);
      return answers;
    },
    destroy: () => socket.destroy(),
  };
}

/** The first answer in the bytes, once it is whole. */
function takeAnswer(
  bytes: Buffer,
  method: string,
): { readonly answer: Answer; readonly bytes: number } | undefined {
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
  const bodyEnd = bodyStart + (method === 'HEAD' ? 0 : Number(headers.get('content-length') ?? 0));
  if (bytes.length < bodyEnd) return undefined;
  const text = bytes.subarray(bodyStart, bodyEnd).toString();
  return { answer: { status, headers, body: text === '' ? null : JSON.parse(text) }, bytes: bodyEnd };
}
