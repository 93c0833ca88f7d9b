import { hostname } from 'node:os';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { describeError } from './error-description.ts';
import { type Json, redact } from './redaction.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Bytes that wait for a reader of the log that does not read; lines beyond are dropped. */
const MOST_BUFFERED = 16 * 1_024 * 1_024;

/**
 * A process's logger: JSON lines with ISO time and the level's name. Errors belong under `err` or `error`, or first.
 *
 * Redaction reads every finished line once more, just before it is written. That costs a few microseconds a line, and
 * nothing bypasses it: bindings of child loggers, interpolated messages, serializers that a framework adds.
 *
 * @param options.destination Where lines go; standard output if left out. It is written to in the background: while one write is under
 * way, lines gather for the next. What has gathered is written before the process exits, and before a fatal error is logged.
 */
export function createLogger(options: {
  name: string;
  level: LogLevel;
  destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      // Not pino's own `name`, which is also the key of a lead's name.
      base: { service: options.name, pid: process.pid, hostname: hostname() },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: redactLine },
    },
    options.destination ?? pino.destination({ sync: false, maxLength: MOST_BUFFERED }),
  );
}

function serializeError(value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value;
}

function redactLine(line: string): string {
  const parsed: Json = JSON.parse(line);
  return `${JSON.stringify(redact(parsed))}\n`;
}
