import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createOwner } from '@live-feed/tools/stack/owner';
import { expect, onTestFinished, test } from 'vitest';
import type { PacedPlan } from './load-plan.ts';
import { runLoad } from './run-load.ts';

const owner = createOwner();

test('every lead is sent in its turn, and counted once as what it was answered', async () => {
  onTestFinished(() => owner.stop());
  const [first, second] = [await listen(), await listen()];
  const plan: PacedPlan = {
    kind: 'paced',
    urls: [first.url, second.url],
    companies: [
      { key: 'a', campaignId: '200' },
      { key: 'b', campaignId: '429' },
    ],
    perSecond: 200,
    warmupMs: 100,
    measuredMs: 400,
    firstPhone: 2_000_000_000,
  };
  const result = await runLoad(owner, plan);

  const got = [...first.got, ...second.got];
  const sent = result.whole?.sent ?? 0;
  expect(got).toHaveLength(sent);
  expect(sent).toBeLessThanOrEqual(101);
  expect(new Set(got.map(({ phone }) => phone)).size).toBe(sent);
  for (const { got: ofOne } of [first, second]) {
    expect(new Set(ofOne.map(({ key }) => key))).toEqual(new Set(['Bearer a', 'Bearer b']));
  }
  const accepted = got.filter(({ campaignId }) => campaignId === '200').length;
  expect(result.whole?.accepted).toBe(accepted);
  expect(result.errorsBy).toEqual({ 429: sent - accepted });
  expect(result.accepted).toBeLessThan(accepted); // those of the warm-up are not measured
});

interface Got {
  readonly key: string | undefined;
  readonly campaignId: string;
  readonly phone: string;
}

/** Answers with the campaign's id as the status. */
async function listen() {
  const got: Got[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const { campaignId, lead } = (await json(request)) as { campaignId: string; lead: { leadPhone: string } };
    got.push({ key: request.headers.authorization, campaignId, phone: lead.leadPhone });
    response.writeHead(Number(campaignId)).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await owner.own({
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
