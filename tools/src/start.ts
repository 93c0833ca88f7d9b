import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneDir } from './clone.ts';
import { documentedExample } from './demo/documented-example.ts';
import { runCommand } from './run-command.ts';
import { acquireLock, LockHeldError } from './services/process-lock.ts';
import { writeStackFile } from './stack/stack-file.ts';
import { type Stack, startStack } from './stack.ts';

// `npm start`: runs the whole stack on this machine until Ctrl-C. Its data are kept in .live-feed/, or in `--data-dir`.
await runCommand(async (owner) => {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string', default: join(cloneDir, '.live-feed') } },
  });
  const dataDir = resolve(values['data-dir']);
  await mkdir(dataDir, { recursive: true });
  const lock = await onlyOne(join(dataDir, 'start.lock'));
  await owner.own({ stop: () => lock.release() });

  const log = (name: string, line: string) => console.log(`${name.padEnd(9)} | ${line}`);
  const stack = await startStack({ env: process.env, log, dataDir, owner, withTraffic: true });
  const file = await writeStackFile(dataDir, stack);
  await owner.own({ stop: () => file.remove() });
  console.log(introduction(stack, relative(process.cwd(), join(dataDir, 'stack.json'))));

  const ended = await stack.ended;
  if (ended !== undefined) throw new Error(`The ${ended} has ended by itself; its last lines are above.`);
});

async function onlyOne(path: string) {
  return acquireLock(path).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(`"npm start" already runs here, as process ${error.pid}. Stop it with Ctrl-C first.`, {
      cause: error,
    });
  });
}

function introduction(stack: Stack, stackFile: string): string {
  const { consoleUrl, consoleUser, consolePassword, keys, campaigns } = stack;
  return `
Live Feed is running. Ctrl-C stops it; its data stay.

  API        ${stack.ingressUrl}
  simulator  ${stack.simulatorUrl}  (leads received: /simulator/leads)
  console    ${consoleUrl}  (user ${consoleUser}, password ${consolePassword})
  demo key   ${keys.ringcx}  (the others: ${stackFile})

curl -i ${new URL('/live-feed/ringcx', stack.ingressUrl)} \\
  -H 'Authorization: Bearer ${keys.ringcx}' \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(documentedExample(campaigns.ringcx))}'
`;
}
