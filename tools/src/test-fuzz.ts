import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cloneDir } from './clone.ts';

// `npm run test:fuzz [-- --seed N] [--requests N]`: attacks the API for longer than `npm test`, and measures the memory of each attack.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    requests: { type: 'string', default: '20000' },
  },
});
const { status } = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.fuzz.config.ts'], {
  cwd: cloneDir,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SEED: values.seed, FUZZ_REQUESTS: values.requests },
});
process.exitCode = status ?? 1;
