import { adminEnvironment } from '@live-feed/admin/environment';
import { consoleEnvironment } from '@live-feed/console/environment';
import { simulatorEnvironment } from '@live-feed/dialer-simulator/environment';
import { ingressEnvironment } from '@live-feed/ingress/environment';
import { migrateEnvironment } from '@live-feed/migrate/environment';
import { describeEnvironment, type EnvironmentRow } from '@live-feed/runtime/configuration/environment';
import { workerEnvironment } from '@live-feed/worker/environment';

/** A process and its environment variables. */
export interface ConfiguredProcess {
  readonly name: string;
  readonly variables: readonly EnvironmentRow[];
}

/** Every process that is deployed, and the simulator. */
export const processes: readonly ConfiguredProcess[] = [
  { name: 'ingress', variables: describeEnvironment(ingressEnvironment) },
  { name: 'worker', variables: describeEnvironment(workerEnvironment) },
  { name: 'console', variables: describeEnvironment(consoleEnvironment) },
  { name: 'admin', variables: describeEnvironment(adminEnvironment) },
  { name: 'migrate', variables: describeEnvironment(migrateEnvironment) },
  { name: 'dialer-simulator', variables: describeEnvironment(simulatorEnvironment) },
];

/** A variable's description as a sentence. */
export function sentence(description: string): string {
  const begun = description.charAt(0).toUpperCase() + description.slice(1);
  return begun === '' || begun.endsWith('.') ? begun : `${begun}.`;
}
