import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../answers/api-error.ts';

/** How long it takes to notice that the event loop is overloaded. */
const SAMPLE_EVERY_MS = 1_000;

/**
 * Refuses the scope's requests, before anything else is done for them, while the event loop is late.
 *
 * @param maxDelayMs mean delay of a sample from which on requests are refused; 0: never
 */
export async function shedLoad(scope: FastifyInstance, maxDelayMs: number): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    sampleInterval: SAMPLE_EVERY_MS,
    pressureHandler: () => {
      throw new ApiError('OVERLOADED', { about: 'busy' });
    },
  });
}
