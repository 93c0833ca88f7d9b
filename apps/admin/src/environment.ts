import { operationsVariables } from '@live-feed/operations/environment';
import { checkRedis } from '@live-feed/queue/redis/settings/redis-variables';
import { text } from '@live-feed/runtime/configuration/environment-kinds';
import { z } from 'zod';

/** The command line's variables. */
export const adminEnvironment = z
  .object({
    ...operationsVariables,
    ADMIN_COMMAND: text()
      .optional()
      .describe('how this command line is started, for hints and examples: "npm run admin --"'),
    ADMIN_USER: text()
      .optional()
      .describe(
        "who makes the changes, for the audit log, in place of the machine's user: where several share one",
      ),
  })
  .superRefine(checkRedis, { when: () => true });

export type AdminEnvironment = z.infer<typeof adminEnvironment>;
