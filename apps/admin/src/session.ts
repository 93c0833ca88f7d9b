import { openResources } from '@live-feed/operations/open-resources';
import type { Context, Operation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import type { z } from 'zod';
import type { AdminEnvironment } from './environment.ts';
import type { Terminal } from './terminal/terminal.ts';
import { theUser } from './terminal/user.ts';

/** A command's terminal, and what it works with. */
export interface Session extends Resources {
  readonly terminal: Terminal;
  /** Carries out an operation as the user of this machine, who may do everything. */
  perform<I extends z.ZodType<object>, Output>(
    operation: Operation<I, Output>,
    input: z.input<I>,
    progress?: Context['progress'],
  ): Promise<Output>;
  close(): Promise<void>;
}

export async function openSession(env: AdminEnvironment, terminal: Terminal): Promise<Session> {
  const { createDatabase } = await import('@live-feed/database/connection/client');
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 5_000,
    applicationName: 'live-feed-admin',
  });
  const { close, ...resources } = openResources(env, { database });
  const actor = theUser(env.ADMIN_USER);
  return {
    ...resources,
    terminal,

    perform: (operation, input, progress) =>
      perform({ actor, resources, signal: terminal.signal, progress }, operation, input),

    async close() {
      await close();
      await database.$disconnect();
    },
  };
}
