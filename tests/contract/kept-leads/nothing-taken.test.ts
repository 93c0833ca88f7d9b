import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { connectRaw } from '../../kit/http/raw-http.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, sections 6 and 8: "come back later, nothing was taken" is a 429, which clients repeat by themselves. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    ingresses: 2,
    environment: {
      INGRESS_MAX_WAITING: '2',
      INGRESS_MAX_WAITING_PER_COMPANY: '1',
      WORKER_UPLOAD_TIMEOUT_MS: '10000',
    },
  });
});
afterAll(() => system?.stop());

const OVERLOADED = { status: 429, body: { success: false, code: 'OVERLOADED', retryable: true } };

/** A lead whose dialer takes its time, of a company of its own; resolves once the dialer has it. */
async function slowLead(ingress: number) {
  const { key, campaignId } = await addCompany(system);
  const match = { campaignId };
  await misbehave(system, { rules: [{ on: 'upload', match, fault: { kind: 'delay', ms: 3_000 } }] });
  const lead = leadNumber(1, campaignId);
  const answer = post(system, lead, { key, ingress });
  const uploaded = waitFor(async () => {
    const { requests } = await simulator(system, '/requests');
    return requests.some(({ url }: { url: string }) => url.includes(campaignId));
  });
  const refused = answer.then(({ status, body }) => {
    throw new Error(`A slow lead was answered ${status}: ${JSON.stringify(body)}`);
  });
  await Promise.race([uploaded, refused]);
  return { answer, campaignId, key };
}

test('too many leads under way: 429 with whole seconds, and nothing is taken', async () => {
  const { answer, campaignId, key } = await slowLead(0);
  const ofCompany = await post(system, leadNumber(2, campaignId), { key });
  expect(ofCompany).toMatchObject(OVERLOADED);
  expect(ofCompany.headers.get('retry-after')).toBe('1');
  expect(ofCompany.headers.has('x-lead-id')).toBe(false);
  // What is wrong with the request itself is told first: coming back would not help.
  expect((await post(system, {}, { key })).status).toBe(400);
  // Another company has room left, until the ingress has none.
  const another = await slowLead(0);
  const ofAll = await post(system, EXAMPLE);
  expect(ofAll).toMatchObject(OVERLOADED);
  expect(ofAll.body.message).not.toBe(ofCompany.body.message);

  expect((await answer).status).toBe(200);
  expect((await another.answer).status).toBe(200);
  expect((await post(system, EXAMPLE)).status).toBe(200);
  expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(1);
});

test('a server that stops answers those who wait, takes what was on its way, and sends its callers elsewhere', async () => {
  const ingress = system.ingresses[1];
  const connection = await connectRaw(ingress?.url ?? '');
  const body = JSON.stringify(EXAMPLE);
  // Begun before the stop, so that the connection is not an idle one.
  connection.send(`POST /live-feed/ringcx HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n`);
  const { answer } = await slowLead(1);
  const stopped = ingress?.stop();
  connection.send([`authorization: Bearer ${system.seeded.keys.ringcx}`, `content-length: ${body.length}`]);
  connection.send(body);
  const late = await connection.answer();
  expect(late.status).toBe(200);
  expect(late.headers.get('connection')).toBe('close');
  expect((await answer).status).toBe(200);
  await stopped;
});
