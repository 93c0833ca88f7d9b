import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { z } from 'zod';
import { companyInput, durationInput } from '../inputs/inputs.ts';
import { shortText } from '../inputs/written.ts';
import { ofCompany } from '../operation.ts';
import { withQueue } from './dialer-queue.ts';
import { theDialer } from './the-dialer.ts';

export const dialerHold = ofCompany({
  name: 'dialer.hold',
  summary: 'stops sending for a while; leads wait',
  role: 'operator',
  route: 'POST /companies/:company/dialer/hold',
  input: z.object({
    company: companyInput,
    forMs: durationInput({ min: 1_000, max: 604_800_000 })
      .default(1_800_000)
      .describe('for how long, in milliseconds'),
    reason: shortText().describe('why; shown to everybody'),
  }),
  async run({ database, redis, record }, { forMs, reason }, company) {
    const dialer = await theDialer(database, company);
    const health = createDialerHealth(await redis());
    const before = await health.describe(dialerAddress(dialer));
    await health.hold(dialerAddress(dialer), forMs, reason);
    const standing = await health.describe(dialerAddress(dialer));
    record({
      target: `dialer ${dialer.id}`,
      before: { heldUntil: before.heldUntil, reason: before.reason },
      after: { heldUntil: standing.heldUntil, reason: standing.reason },
    });
    return { company, dialerId: dialer.id, standing };
  },
});

export const dialerRelease = ofCompany({
  name: 'dialer.release',
  summary: 'sends again at once: ends a hold and a pause, and resets the failure count',
  role: 'operator',
  route: 'POST /companies/:company/dialer/release',
  input: z.object({ company: companyInput }),
  async run(context, _input, company) {
    const { database, redis, record } = context;
    const dialer = await theDialer(database, company);
    const health = createDialerHealth(await redis());
    const before = await health.describe(dialerAddress(dialer));
    await health.release(dialerAddress(dialer));
    const wasPaused = await withQueue(context, dialer.id, async (queue) => {
      const paused = await queue.isPaused();
      await queue.resume();
      return paused;
    });
    record({
      target: `dialer ${dialer.id}`,
      before: { heldUntil: before.heldUntil, reason: before.reason, paused: wasPaused },
    });
    return { company, dialerId: dialer.id, before, wasPaused };
  },
});
