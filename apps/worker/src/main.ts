import { runMain } from '@live-feed/runtime/main';
import { workerEnvironment } from './environment.ts';
import { startWorkerProcess } from './start.ts';

await runMain('worker', workerEnvironment, (context) => startWorkerProcess(context));
