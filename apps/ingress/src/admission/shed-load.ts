import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { overloaded } from './come-back.ts';

/** How soon an event loop that is overloaded is found out. */
const SAMPLE_EVERY_MS = 1_000;

/** Refuses the scope's requests, before anything else is done for them, while the event loop is late. @param maxDelayMs mean of a sample; 0: never */
export async function shedLoad(scope: FastifyInstance, maxDelayMs: number): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    sampleInterval: SAMPLE_EVERY_MS,
    pressureHandler: () => {
      throw overloaded('This server has more to do than it can');
    },
  });
}
