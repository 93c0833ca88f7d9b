/** Runs the simulator as a process: environment → listen → one line of JSON with its URL → close on SIGTERM or SIGINT. */
import { z } from 'zod';
import { buildSimulator } from './simulator.ts';

const flag = z.stringbool().default(false);

const environmentSchema = z.object({
  /** 0 takes any free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  HOST: z.string().min(1).default('127.0.0.1'),
  LOG_REQUESTS: flag,
  /** Comma-separated; the only API tokens accepted. */
  TOKENS: z
    .string()
    .transform((text) => text.split(',').filter((token) => token !== ''))
    .optional(),
  NEWBRIDGE_AUTH_HEADER: z.string().min(1).optional(),
});

const environment = environmentSchema.parse(process.env);

const simulator = buildSimulator({
  logger: environment.LOG_REQUESTS,
  ...(environment.TOKENS && { tokens: environment.TOKENS }),
  ...(environment.NEWBRIDGE_AUTH_HEADER && { newBridgeAuthHeader: environment.NEWBRIDGE_AUTH_HEADER }),
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close());
}

const url = await simulator.listen({ port: environment.PORT, host: environment.HOST });
process.stdout.write(`${JSON.stringify({ url })}\n`);
