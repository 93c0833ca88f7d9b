import { join } from 'node:path';
import { runAdmin } from '@live-feed/admin/run-admin';
import { startQuickly } from '@live-feed/admin/start-quickly';
import { processTerminal } from '@live-feed/admin/terminal/process-terminal';
import { EXIT_CONFIGURATION } from '@live-feed/runtime/configuration/environment';
import { cloneDir } from './clone.ts';
import { runningStackEnvironment } from './stack/stack-file.ts';

// `npm run admin -- …`: the admin command line for the stack of "npm start" in this clone, unless DATABASE_URL names another database.
startQuickly();
const named = process.env['DATABASE_URL'];
const running = await runningStackEnvironment(join(cloneDir, '.live-feed'));
const isOurs = named === undefined || named === running?.['DATABASE_URL'];

process.exitCode = await runAdmin(
  process.argv.slice(2),
  processTerminal({
    ...(isOurs ? running : {}),
    ADMIN_COMMAND: 'npm run admin --',
  }),
);
if (process.exitCode === EXIT_CONFIGURATION && running === undefined) {
  console.error('Or run "npm start" in this clone in another terminal to use its stack.');
}
