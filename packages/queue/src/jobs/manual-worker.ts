import { Worker } from 'bullmq';

/**
 * A worker whose jobs are taken on request. BullMQ renews locks only after `run()`, which would take jobs by itself. And its workers block on a
 * connection each.
 */
export class ManualWorker<Data, Returned> extends Worker<Data, Returned> {
  protected override createBackend(): void {
    this.backend = this.backendFactory(this.name, this.opts, { withBlockingConnection: false });
  }

  startLockRenewal(): void {
    this.lockManager.start();
  }
}
