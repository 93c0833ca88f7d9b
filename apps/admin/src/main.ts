import { processTerminal } from './process-terminal.ts';
import { runAdmin } from './run-admin.ts';
import { startQuickly } from './start-quickly.ts';

startQuickly();
process.exitCode = await runAdmin(process.argv.slice(2), processTerminal());
