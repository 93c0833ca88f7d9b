import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../services/free-port.ts';
import { postLead, postLeadPatiently } from './post-lead.ts';

type Reply = readonly [status: number, body: object, headers?: Record<string, string>];

/** An ingress that gives these answers, one after the other. */
async function ingressAnswering(...replies: Reply[]): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const [status, body, headers = {}] = replies.shift() ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const pauses = () => {
  const taken: number[] = [];
  return { taken, pause: async (ms: number) => taken.push(ms) };
};

test('a lead that is refused for the moment is posted again after Retry-After', async () => {
  const { taken, pause } = pauses();
  const url = await ingressAnswering(
    [503, { code: 'DATABASE_UNAVAILABLE', retryable: true }],
    [429, { code: 'OVERLOADED', retryable: true }, { 'retry-after': '3' }],
    [200, { success: true }],
  );
  const answer = await postLeadPatiently({ url, key: 'key', body: {} }, pause);
  expect(answer).toMatchObject({ status: 200, body: { success: true } });
  expect(taken).toEqual([1_000, 3_000]);
});

test.each<[number, object]>([
  [400, { code: 'VALIDATION_FAILED', retryable: false }],
  [502, { code: 'DIALER_FAILED', retryable: true }],
  [504, { code: 'OUTCOME_PENDING', retryable: true }],
])('an answer about the lead is final: %d', async (status, body) => {
  const { taken, pause } = pauses();
  const url = await ingressAnswering([status, body]);
  const answer = await postLeadPatiently({ url, key: 'key', body: {} }, pause);
  expect(answer).toMatchObject({ status, body });
  expect(taken).toEqual([]);
});

test('a connection that breaks is an answer without a status', async () => {
  const answer = await postLead({ url: `http://127.0.0.1:${await freePort()}`, key: 'key', body: {} });
  expect(answer).toMatchObject({ status: null, code: 'ECONNREFUSED', leadId: null });
});
