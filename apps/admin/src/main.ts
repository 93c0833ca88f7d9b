import { runAdmin } from './run-admin.ts';
import { startQuickly } from './start-quickly.ts';
import { processTerminal } from './terminal/process-terminal.ts';

startQuickly();
process.exitCode = await runAdmin(process.argv.slice(2), processTerminal());
