import type { Passed } from '@live-feed/operations/lead/bulk/through-leads';
import type { Operation } from '@live-feed/operations/operation';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';

/**
 * Calls a bulk operation until all leads were looked at: each call takes a bounded number, and says where the next one goes on.
 *
 * @param what is counted: "leads"
 * @param add called with what each call returned
 * @returns what the last one did
 */
export async function everyCall<I extends z.ZodType<object>, Output extends Passed>(
  session: Session,
  operation: Operation<I, Output>,
  input: z.input<I>,
  what: string,
  add: (output: Output) => void,
): Promise<Output> {
  const progress = startProgress(session.terminal, what);
  let before = 0;
  let given = input;
  try {
    for (;;) {
      const output = await session.perform(operation, given, (done, of) =>
        progress.show(before + done, before + of),
      );
      add(output);
      before += output.found;
      if (output.next === null || output.stopped || session.terminal.signal.aborted) return output;
      const { next: beforeId, countedAt } = output;
      given = Object.assign({}, given, { beforeId, countedAt: countedAt.toISOString() });
    }
  } finally {
    progress.stop();
  }
}
