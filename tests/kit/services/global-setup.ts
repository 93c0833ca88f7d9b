import type { TestProject } from 'vitest/node';
import { type DatabaseBrokerAddress, startDatabaseBroker } from './database-broker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseBroker: DatabaseBrokerAddress;
  }
}

/** Once per run: the broker that test files get their databases from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startDatabaseBroker();
  project.provide('databaseBroker', broker.address);
  return () => broker.close();
}
