/** BullMQ's own defaults; finished jobs are kept as Live Feed keeps them. */
export const queueName = 'leads';

export const jobOptions = {
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 3_600, count: 1_000 },
} as const;
