import type { z } from 'zod';
import {
  EnvironmentError,
  type EnvironmentSource,
  EXIT_CONFIGURATION,
  readEnvironment,
} from './configuration/environment.ts';
import { durationMs, oneOf } from './configuration/environment-kinds.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createLogger, LOG_LEVELS, type Logger } from './logging/logger.ts';

/** Variables of every process. Spread it into the shape of the process's own schema. */
export const processVariables = {
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('lowest level that is logged'),
  STOP_GRACE_MS: stopGraceMs(20_000),
};

/** For a process with its own default. */
export function stopGraceMs(defaultMs: number) {
  return durationMs({ min: 3_000 })
    .default(defaultMs)
    .describe('maximum time for an ordered stop; less than the supervisor waits before it kills');
}

/** What `start` receives. */
export type ProcessContext<Environment> = {
  readonly env: Environment;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
};

/**
 * The `main.ts` of every process, and the only reader of `process.env`: environment, logger, lifecycle, then `start`, whose result
 * (such as addresses) is logged as `listening`. Exits with 78 and the message on standard error if
 * the environment is wrong, including errors that only `start` finds; with 1 after an ordered stop if `start` fails otherwise.
 *
 * @param name The process's name in its log lines.
 */
export async function runMain<Schema extends z.ZodObject<typeof processVariables>>(
  name: string,
  schema: Schema,
  start: (context: ProcessContext<z.output<Schema>>) => Promise<Record<string, unknown> | undefined>,
): Promise<void> {
  const env = readOrExit(schema, process.env);
  const logger = createLogger({ name, level: env.LOG_LEVEL });
  const lifecycle = createLifecycle({ logger, graceMs: env.STOP_GRACE_MS });
  try {
    const facts = await start({ env, logger, lifecycle });
    if (!lifecycle.stopping) logger.info(facts ?? {}, 'listening');
  } catch (err) {
    if (err instanceof EnvironmentError) {
      process.stderr.write(`${err.message}\n`);
      return lifecycle.stop('the environment is wrong', EXIT_CONFIGURATION);
    }
    logger.fatal({ err }, 'could not start');
    await lifecycle.stop('start failed', 1);
  }
}

function readOrExit<Schema extends z.ZodObject>(schema: Schema, source: EnvironmentSource): z.output<Schema> {
  try {
    return readEnvironment(schema, source);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(EXIT_CONFIGURATION);
  }
}
