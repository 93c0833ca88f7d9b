import { Queue, QueueEvents } from 'bullmq';
import type { DialerAnswer, Lead } from './dialer-call.ts';
import { buildLeadEndpoint } from './lead-endpoint.ts';
import { jobOptions, queueName } from './plain-queue.ts';
import { readSettings } from './settings.ts';

const waitMs = 25_000;

// A job per request, and the request waits for it: what BullMQ's documentation offers for a synchronous answer.
const { accounts, redisUrl } = await readSettings();
const connection = { url: redisUrl };
const queue = new Queue<Lead, DialerAnswer>(queueName, { connection, defaultJobOptions: jobOptions });
const events = new QueueEvents(queueName, { connection });
events.setMaxListeners(0);
await events.waitUntilReady();

const app = buildLeadEndpoint(accounts, async (lead) => {
  const job = await queue.add('lead', lead);
  return job.waitUntilFinished(events, waitMs);
});
process.once('SIGTERM', async () => {
  await app.close();
  await Promise.all([events.close(), queue.close()]);
  process.exit();
});
console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
