import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cloneDir } from './clone.ts';

// `npm run generate`, and after every install: writes the Prisma client. Prisma requires an engine binary that it never starts; naming
// any executable prevents a download.
const fromDatabase = createRequire(join(cloneDir, 'packages', 'database', 'package.json'));
const prisma = fromDatabase.resolve('prisma/build/index.js');
const { status } = spawnSync(process.execPath, [prisma, 'generate'], {
  cwd: cloneDir,
  stdio: 'inherit',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: 'true',
    CHECKPOINT_DISABLE: '1', // no telemetry
  },
});
process.exitCode = status ?? 1;
