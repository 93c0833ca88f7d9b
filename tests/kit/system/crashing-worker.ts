import { runMain } from '@live-feed/runtime/main';
import { workerEnvironment } from '@live-feed/worker/environment';
import { startWorkerProcess } from '@live-feed/worker/start';

// A worker that kills itself, as the kernel would, when it first comes to the point given as its argument.
const [, , point] = process.argv;

await runMain('crashing worker', workerEnvironment, (context) =>
  startWorkerProcess(context, {
    observe(passed) {
      if (passed === point) process.kill(process.pid, 'SIGKILL');
    },
  }),
);
