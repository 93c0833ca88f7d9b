import { Worker } from 'bullmq';
import { connectDialers, type DialerAnswer, type Lead } from './dialer-call.ts';
import { queueName } from './plain-queue.ts';
import { readSettings } from './settings.ts';

// One upload per job.
const { redisUrl, concurrency, ...dialers } = await readSettings();
const load = connectDialers(dialers);
const worker = new Worker<Lead, DialerAnswer>(queueName, (job) => load(job.data), {
  connection: { url: redisUrl, maxRetriesPerRequest: null },
  concurrency,
});
await worker.waitUntilReady();
process.once('SIGTERM', async () => {
  await worker.close();
  process.exit();
});
console.log(JSON.stringify({ ready: true }));
