import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { DialerName } from '@live-feed/database/directory/dialer-names';
import type { InspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import type { FastifyPluginCallback } from 'fastify';
import { maskedData, maskedName, maskedProgress, maskedReturnValue } from './masked-job.ts';
import { RestrictedAdapter } from './restricted-adapter.ts';

/** Bull Board with what it may show and do cut to what people need. */
export interface Board {
  readonly plugin: FastifyPluginCallback;
  /**
   * @param describe how the dialer stands at the moment, for people
   * @returns what takes the queue off the board again; the queue itself stays open
   */
  show(dialer: DialerName, queue: InspectedQueue, describe: () => string): () => void;
}

/** Bull Board's own description is one text for ever. */
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

/** @param basePath under which browsers see the board, with slashes around it */
export function createBoard(basePath: string): Board {
  const serverAdapter = new RestrictedAdapter();
  serverAdapter.setBasePath(basePath);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Live Feed',
        hideDocsLink: true,
        // One CLIENT LIST a queue and a poll, each over every connection that Redis has.
        showWorkers: false,
      },
    },
  });
  return {
    plugin: serverAdapter.registerPlugin(),
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
