/** Runs the simulator as a process: environment → listen → one line of JSON with its URL → close on SIGTERM or SIGINT. */
import { readEnvironment } from '@live-feed/runtime/environment';
import { flag, list, port, text } from '@live-feed/runtime/environment-kinds';
import { z } from 'zod';
import { buildSimulator } from './simulator.ts';

const environmentSchema = z.object({
  PORT: port().default(0).describe('where to listen; 0 takes any free port'),
  HOST: text().default('127.0.0.1').describe('the address to listen on'),
  ENFORCE_LIMITS: flag().default(false).describe("enforce RingCX's rate windows from the start"),
  LOG_REQUESTS: flag().default(false).describe('log every request to standard error'),
  TOKENS: list().optional().describe('the only API tokens accepted, instead of any of the right shape'),
  NEWBRIDGE_AUTH_HEADER: text().default('X-Auth-Token').describe('the header that carries a NewBridge token'),
});

const environment = readEnvironment(environmentSchema, process.env);

const simulator = buildSimulator({
  logger: environment.LOG_REQUESTS,
  enforceLimits: environment.ENFORCE_LIMITS,
  newBridgeAuthHeader: environment.NEWBRIDGE_AUTH_HEADER,
  ...(environment.TOKENS && { tokens: environment.TOKENS }),
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close());
}

const url = await simulator.listen({ port: environment.PORT, host: environment.HOST });
process.stdout.write(`${JSON.stringify({ url })}\n`);
