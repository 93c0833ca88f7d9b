import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../services/free-port.ts';
import { keptPorts } from './kept-ports.ts';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-ports-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function take(port: number): Promise<void> {
  const other = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
}

const usualPorts = async () => ({
  ingress: await freePort(),
  console: await freePort(),
  simulator: await freePort(),
});

test('the usual ports where they are free, and the same ones at the next start', async () => {
  const folder = await emptyFolder();
  const usual = await usualPorts();
  expect(await keptPorts(folder, () => {}, usual)).toEqual(usual);
  expect(await keptPorts(folder, () => {}, await usualPorts())).toEqual(usual);
});

test('another port where the usual one is taken, and that one at the next start', async () => {
  const folder = await emptyFolder();
  const usual = await usualPorts();
  await take(usual.simulator);
  const first = await keptPorts(folder, () => {}, usual);
  expect(first).toEqual({ ...usual, simulator: expect.any(Number) });
  expect(first.simulator).not.toBe(usual.simulator);
  expect(await keptPorts(folder, () => {}, usual)).toEqual(first);
});

test('a kept port that is taken now is replaced for this run only, and that is said', async () => {
  const folder = await emptyFolder();
  const usual = await usualPorts();
  await keptPorts(folder, () => {}, usual);
  const other = createServer().listen(usual.ingress, '127.0.0.1');
  await once(other, 'listening');
  const said: string[] = [];
  const ports = await keptPorts(folder, (line) => said.push(line), usual);
  expect(ports.ingress).not.toBe(usual.ingress);
  expect(said).toEqual([
    `Port ${usual.ingress} of the ingress is used by another process; this run uses ${ports.ingress}.`,
  ]);
  other.close();
  await once(other, 'close');
  expect(await keptPorts(folder, () => {}, usual)).toEqual(usual);
});
