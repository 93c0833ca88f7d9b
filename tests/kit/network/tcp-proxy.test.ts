import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '@live-feed/tools/seeded-random';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { CLEAR, type NetworkCondition, piecesOf } from './condition.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Whole requests, and their number, as the server got them. */
let heard: string[] = [];
let server: Server;
let proxy: TcpProxy;

beforeAll(async () => {
  server = createServer(async (incoming, response) => {
    incoming.on('error', () => {});
    let body = '';
    try {
      for await (const chunk of incoming) body += chunk;
    } catch {
      return; // it broke off
    }
    heard.push(body);
    response.end(`heard ${body}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  heard = [];
  proxy = await startTcpProxy((server.address() as AddressInfo).port, seededRandom(1));
});
afterEach(() => proxy.close());

interface Exchange {
  /** The answer's text, or the code of the error. */
  readonly result: Promise<string>;
  abort(): void;
}

function say(body: string): Exchange {
  const outgoing = request({ port: proxy.port, host: '127.0.0.1', method: 'POST', agent: false });
  const result = new Promise<string>((resolve) => {
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  });
  outgoing.end(body);
  return { result, abort: () => outgoing.destroy() };
}

test('a clear sky changes nothing', async () => {
  const long = 'x'.repeat(300_000);
  expect(await say(long).result).toBe(`heard ${long}`);
});

test.each<[string, NetworkCondition]>([
  ['late', { kind: 'slow', delayMs: 20, jitterMs: 20 }],
  ['over a narrow line', { kind: 'slow', pieceBytes: 1_000, everyMs: 1 }],
  ['an answer that drips', { kind: 'slow', pieceBytes: 10, everyMs: 1, only: 'answers' }],
])('whatever is slow arrives whole and in order: %s', async (_, condition) => {
  proxy.setCondition(condition);
  const numbers = Array.from({ length: 2_000 }, (__, n) => n).join(' ');
  expect(await say(numbers).result).toBe(`heard ${numbers}`);
  expect(proxy.spoilt()).toBe(1);
});

describe('a reset', () => {
  test.each(['before', 'during', 'after'] as const)('%s the request', async (when) => {
    proxy.setCondition({ kind: 'reset', when });
    expect(await say('a lead').result).toBe('ECONNRESET');
    proxy.setCondition(CLEAR);
    expect(await say('another').result).toBe('heard another');
    expect(heard).toEqual(when === 'after' ? ['a lead', 'another'] : ['another']);
  });
});

test('a black hole answers nothing, and what it swallowed never arrives', async () => {
  proxy.setCondition({ kind: 'blackHole' });
  const { result } = say('a lead');
  await waitFor(() => proxy.spoilt() === 1);
  proxy.setCondition(CLEAR);
  expect(await result).toBe('ECONNRESET');
  expect(await say('another').result).toBe('heard another');
  expect(heard).toEqual(['another']);
});

test('a half-closed connection ends in the middle of the answer', async () => {
  proxy.setCondition({ kind: 'halfClose' });
  expect(await say('a lead').result).not.toContain('heard');
  expect(heard).toEqual(['a lead']);
});

test('what is late is lost with its connection', async () => {
  proxy.setCondition({ kind: 'slow', delayMs: 3_600_000 });
  const { result, abort } = say('a lead');
  await waitFor(() => proxy.spoilt() === 1);
  abort();
  expect(await result).toBe('ECONNRESET');
  proxy.setCondition(CLEAR);
  expect(await say('another').result).toBe('heard another');
  expect(heard).toEqual(['another']);
});

test('only a share of the requests is met', async () => {
  proxy.setCondition({ kind: 'reset', when: 'before' }, 0.5);
  const results = await Promise.all(Array.from({ length: 40 }, (_, n) => say(`lead ${n}`).result));
  const reset = results.filter((result) => result === 'ECONNRESET').length;
  expect(reset).toBe(proxy.spoilt());
  expect(reset).toBeGreaterThan(5);
  expect(reset).toBeLessThan(35);
});

test('pieces are as late as they should be', () => {
  const pieces = piecesOf(
    Buffer.from('abcde'),
    { kind: 'slow', delayMs: 100, jitterMs: 50, pieceBytes: 2, everyMs: 10 },
    () => 0.5,
  );
  expect(pieces.map(({ bytes, afterMs }) => [bytes.toString(), afterMs])).toEqual([
    ['ab', 135],
    ['cd', 10],
    ['e', 10],
  ]);
});
