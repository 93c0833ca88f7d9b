import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { DialerName } from '@live-feed/database/directory/dialer-names';
import type { InspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { isReading, ofAllCompanies } from '../sign-in/access.ts';
import { BOARD_POLICY } from '../sign-in/security-headers.ts';
import { maskedData, maskedName, maskedProgress, maskedReturnValue } from './masked-job.ts';
import { RestrictedAdapter } from './restricted-adapter.ts';

/** Bull Board, restricted to what operators need to see and do. */
export interface Board {
  /** Adds its pages under `/queues`. */
  addTo(app: FastifyInstance): Promise<void>;
  /**
   * @param describe the dialer's current state, for people
   * @returns a function that removes the queue from the board and leaves it open
   */
  show(dialer: DialerName, queue: InspectedQueue, describe: () => string): () => void;
}

/** Bull Board's own description never changes; this one is computed for each response. */
class DescribedAdapter extends BullMQAdapter {
  readonly #describe: () => string;

  constructor(queue: InspectedQueue, describe: () => string, displayName: string) {
    super(queue, { displayName });
    this.#describe = describe;
  }

  override getDescription(): string {
    return this.#describe();
  }
}

/** @param basePath under which browsers see the console, with slashes around it */
export function createBoard(basePath: string): Board {
  const serverAdapter = new RestrictedAdapter();
  serverAdapter.setBasePath(`${basePath}queues/`);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Live Feed',
        hideDocsLink: true,
        // Would cost one CLIENT LIST per queue and poll, each over all connections of Redis.
        showWorkers: false,
      },
    },
  });
  return {
    async addTo(app) {
      const pages: FastifyPluginAsync = async (scope) => {
        scope.addHook('onRoute', (route) => {
          const role = [route.method].flat().every(isReading) ? 'viewer' : 'operator';
          route.config = { ...route.config, access: ofAllCompanies(role) };
        });
        scope.addHook('onRequest', async (_request, reply) => {
          reply.header('content-security-policy', BOARD_POLICY);
        });
        await scope.register(serverAdapter.registerPlugin());
      };
      await app.register(pages, { prefix: '/queues' });
    },
    show(dialer, queue, describe) {
      const adapter = new DescribedAdapter(queue, describe, `${dialer.companyName} (${dialer.family})`);
      adapter.setFormatter('data', maskedData);
      adapter.setFormatter('name', maskedName);
      adapter.setFormatter('returnValue', maskedReturnValue);
      adapter.setFormatter('progress', maskedProgress);
      board.addQueue(adapter);
      return () => board.removeQueue(adapter);
    },
  };
}
