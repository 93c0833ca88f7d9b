import { setTimeout as delay } from 'node:timers/promises';
import { documentOf } from '../http/api-document.ts';
import type { Answer } from '../http/client.ts';
import { connectRaw, type RawConnection } from '../http/raw-http.ts';
import type { ApiRequest } from './api-requests.ts';
import type { RawScript } from './raw-scripts.ts';

/** No answer for so long is a hang: it is far beyond every deadline of the ingress. */
const HANG_MS = 45_000;

/** Connections to an ingress, used again and again as a client would. */
export interface Exchanges {
  /** @returns the answer, held against the OpenAPI document @throws Error for a hang, and for an undocumented answer */
  ask(request: ApiRequest): Promise<Answer>;
  /** @returns all answers of the connection, each held against the document @throws Error as `ask` */
  play(script: RawScript): Promise<readonly Answer[]>;
  close(): void;
}

/** @param url of the ingress, without a path */
export function openExchanges(url: string): Exchanges {
  const idle: RawConnection[] = [];

  return {
    async ask(request) {
      const connection = idle.pop() ?? (await connectRaw(url));
      try {
        connection.send(bytesOf(request));
        const answer = await within(finalAnswer(connection, request));
        if (answer.headers.get('connection') === 'close') connection.destroy();
        else idle.push(connection);
        return answer;
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
    async play({ bytes, ending, expected }) {
      const holdAgainstDocument = await documentOf(url);
      const connection = await connectRaw(url);
      try {
        connection.send(bytes);
        if (ending === 'vanish') return [];
        const answers: Answer[] = [];
        // A connection that the client closes gets no answers any more.
        const awaited = ending === 'wait' ? Math.max(1, expected.length) : 0;
        while (answers.length < awaited) answers.push(await within(connection.unheldAnswer()));
        connection.finish();
        answers.push(...(await within(connection.closed())));
        for (const answer of answers) holdAgainstDocument(...subjectOf(answer), answer);
        return answers;
      } finally {
        connection.destroy();
      }
    },
    close() {
      for (const connection of idle.splice(0)) connection.destroy();
    },
  };
}

/** Of what scripts ask for, only this has answers of its own. */
function subjectOf({ body }: Answer): [method: string, path: string] {
  return body?.status === 'ok' ? ['GET', '/healthz'] : ['POST', '/live-feed/ringcx'];
}

async function finalAnswer(connection: RawConnection, request: ApiRequest): Promise<Answer> {
  for (;;) {
    const answer = await connection.answer(request);
    if (answer.status >= 200) return answer;
  }
}

function bytesOf({ method, path, headers, body }: ApiRequest): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: fuzz',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`content-length: ${body.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

async function within<T>(answer: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const hang = delay(HANG_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`There was no answer within ${HANG_MS / 1_000} s.`);
  });
  hang.catch(() => {}); // aborted
  try {
    return await Promise.race([answer, hang]);
  } finally {
    abort.abort();
  }
}
