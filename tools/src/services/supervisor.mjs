// Runs one service for a parent process, and lives only long enough after it to stop the service: the IPC channel to the parent closes
// however the parent ends, also by SIGKILL. Plain JavaScript, so that it starts without a loader.
//
// In:  { spec }, once: what to run. { signal, graceMs? }: send it; with `graceMs`, SIGKILL if the service still runs then.
// Out: { started: pid } | { failed: message }, then { exited: { code, signal } }.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

let service;
let spec;
let orphaned = false;

/** Sends a message to the parent, if it still runs, then calls `next`. */
function report(message, next = () => {}) {
  if (process.connected) process.send(message, () => next());
  else next();
}

function send(signal, graceMs) {
  if (!service || service.exitCode !== null || service.signalCode !== null) return;
  service.kill(signal);
  if (graceMs === undefined) return;
  service.kill('SIGCONT'); // a stopped process would never see the signal
  setTimeout(() => service.kill('SIGKILL'), graceMs).unref();
}

async function finish(code, signal) {
  if (orphaned) {
    for (const path of spec.removeIfOrphaned)
      await rm(path, { recursive: true, force: true, maxRetries: 10 }).catch(() => {});
  }
  report({ exited: { code, signal } }, () => process.exit(0));
}

function start() {
  const { command, args, env, cwd, uid, gid, input } = spec;
  const owner = uid === undefined ? {} : { uid, gid };
  service = spawn(command, args, { env, cwd, ...owner, stdio: ['pipe', 'inherit', 'inherit'] });
  service.stdin.on('error', () => {}); // it may exit without having read
  service.stdin.end(input);
  service.once('spawn', () => report({ started: service.pid }));
  service.once('error', (error) => report({ failed: error.message }, () => process.exit(1)));
  service.once('exit', finish);
}

function stop() {
  if (!service) process.exit(0);
  send(spec.stopSignal, spec.graceMs);
}

process.on('message', (message) => {
  if (message.spec) {
    spec = message.spec;
    start();
  } else {
    send(message.signal, message.graceMs);
  }
});
process.once('disconnect', () => {
  orphaned = true;
  stop();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
