import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { Database } from '@live-feed/database/connection/client';
import type { DialerName } from '@live-feed/database/directory/dialer-names';
import type { InspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { isReading, ofAllCompanies } from '../sign-in/access.ts';
import { BOARD_POLICY } from '../sign-in/security-headers.ts';
import { boardName } from './board-name.ts';
import { isPage, ownPage, readOnly } from './board-pages.ts';
import { maskedData, maskedName, maskedProgress, maskedReturnValue } from './masked-job.ts';
import { recordQueueChanges } from './record-queue-changes.ts';
import { RestrictedAdapter, type Told } from './restricted-adapter.ts';

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

/** A queue under a name that people know, in the menu, its filter and addresses; with a description that is computed for each response. */
class DescribedAdapter extends BullMQAdapter {
  readonly #describe: () => string;
  readonly #name: string;

  constructor(queue: InspectedQueue, describe: () => string, name: string) {
    super(queue);
    this.#describe = describe;
    this.#name = name;
  }

  override getName(): string {
    return this.#name;
  }

  /** The console does not permit to change it. */
  override get supportsGlobalRateLimit(): boolean {
    return false;
  }

  override getDescription(): string {
    return this.#describe();
  }
}

/**
 * @param basePath under which browsers see the console, with slashes around it
 * @param style of ours, for its pages, from the root of the host
 * @param database where changes are recorded
 * @param told what is said of failures
 */
export function createBoard(basePath: string, style: string, database: Database, told: Told): Board {
  const serverAdapter = new RestrictedAdapter(told);
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
        miscLinks: [{ text: 'Console', url: basePath }],
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
        recordQueueChanges(scope, database);
        scope.addHook('onSend', async (_request, reply, payload) =>
          isPage(reply) && typeof payload === 'string' ? ownPage(payload, style) : payload,
        );
        scope.addHook('preSerialization', async (request, _reply, payload) =>
          request.signedIn?.role === 'viewer' ? readOnly(payload) : payload,
        );
        await scope.register(serverAdapter.registerPlugin());
      };
      await app.register(pages, { prefix: '/queues' });
    },
    show(dialer, queue, describe) {
      const adapter = new DescribedAdapter(queue, describe, boardName(dialer));
      adapter.setFormatter('data', maskedData);
      adapter.setFormatter('name', maskedName);
      adapter.setFormatter('returnValue', maskedReturnValue);
      adapter.setFormatter('progress', maskedProgress);
      board.addQueue(adapter);
      return () => board.removeQueue(adapter);
    },
  };
}
