// Loaded before a process of Live Feed (NODE_OPTIONS=--import): SIGUSR2 starts a CPU profile, the next one writes it to
// <LIVE_FEED_PROFILES>/<pid>.cpuprofile. Node's own --cpu-prof cannot leave out the start, nor be set by NODE_OPTIONS.
// Plain JavaScript, so that it needs no loader.
import { rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

const folder = process.env.LIVE_FEED_PROFILES;
let session;

async function begin() {
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
}

async function end(running) {
  const { profile } = await running.post('Profiler.stop');
  running.disconnect();
  const path = join(folder, `${process.pid}.cpuprofile`);
  await writeFile(`${path}.partial`, JSON.stringify(profile));
  await rename(`${path}.partial`, path);
}

process.on('SIGUSR2', () => {
  if (session === undefined) {
    void begin();
    return;
  }
  const running = session;
  session = undefined;
  void end(running);
});
