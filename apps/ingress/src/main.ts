import { runMain } from '@live-feed/runtime/main';
import { ingressEnvironment } from './environment.ts';
import { startIngressProcess } from './start.ts';

await runMain('ingress', ingressEnvironment, startIngressProcess);
