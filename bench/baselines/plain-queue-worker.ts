import { Worker } from 'bullmq';
import { connectDialer, type DialerAnswer, type Lead } from './dialer-call.ts';
import { queueName } from './plain-queue.ts';
import { readSettings } from './settings.ts';

// One upload per job.
const { redisUrl, dialer, concurrency } = await readSettings();
const load = connectDialer(dialer);
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
