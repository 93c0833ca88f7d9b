/** Runs the simulator as a process: environment → listen → one line of JSON with its URL → close on SIGTERM or SIGINT. */
import { readEnvironment } from '@live-feed/runtime/environment';
import { simulatorEnvironment } from './environment.ts';
import { buildSimulator } from './simulator.ts';

const environment = readEnvironment(simulatorEnvironment, process.env);

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
