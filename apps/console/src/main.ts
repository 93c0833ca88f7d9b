import { runMain } from '@live-feed/runtime/main';
import { consoleEnvironment } from './environment.ts';
import { startConsoleProcess } from './start.ts';

await runMain('console', consoleEnvironment, startConsoleProcess);
