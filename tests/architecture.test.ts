import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { describe, expect, test } from 'vitest';
import { parseSource, readSources } from './architecture/read-source.ts';
import { roomsIn, roomsOf } from './architecture/rooms.ts';
import { violations } from './architecture/rules.ts';

test('the sources keep the rules of CONTRIBUTING.md', async () => {
  const files = await readSources(cloneDir);
  expect(files.length).toBeGreaterThan(20);
  expect(violations(files)).toEqual([]);
});

test('docs/architecture.md has the tree of the rooms', async () => {
  const page = await readFile(join(cloneDir, 'docs/architecture.md'), 'utf8');
  expect(roomsIn(page)).toEqual(await roomsOf(cloneDir));
});

describe('a planted violation is found', () => {
  test.each([
    [
      'packages/core/src/lead.ts',
      "import { readFile } from 'node:fs/promises';",
      'packages/core must not import node:fs/promises',
    ],
    [
      'packages/core/src/lead.ts',
      "import { lane } from '@live-feed/queue/lane';",
      'packages/core must not import packages/queue',
    ],
    [
      'packages/queue/src/lane.ts',
      "import type { Row } from '@live-feed/database/rows';",
      'packages/queue must not import packages/database',
    ],
    [
      'packages/dialers/src/a.ts',
      "export { log } from '@live-feed/runtime/logging/logger';",
      'packages/dialers must not import packages/runtime',
    ],
    [
      'packages/dialers/src/a.ts',
      "export * from '../../queue/src/lane.ts';",
      'packages/dialers must not import packages/queue',
    ],
    [
      'packages/database/src/a.ts',
      "type A = import('@live-feed/ingress/app').App;",
      'packages/database must not import apps/ingress',
    ],
    [
      'apps/ingress/src/a.ts',
      "const app = await import('@live-feed/worker/lane/lane');",
      'apps/ingress must not import apps/worker',
    ],
    [
      'apps/ingress/src/http/a.ts',
      "import { submitLead } from '../submit/submit-lead.ts';",
      'http must not import submit',
    ],
    [
      'apps/ingress/src/status/a.ts',
      "import type { Submission } from '@live-feed/ingress/submit/submission-tools';",
      'status must not import submit',
    ],
    ['apps/ingress/src/answers/a.ts', "import '../ingress.ts';", 'answers must not import ingress'],
    ['packages/queue/src/redis/a.ts', "import '../leases/leases.ts';", 'redis must not import leases'],
    [
      'packages/database/src/connection/a.ts',
      "import '@live-feed/database/leads/promise';",
      'connection must not import leads',
    ],
    [
      'apps/ingress/src/cellar/a.ts',
      "import '../http/request-id.ts';",
      '"cellar" is not in the order of the rooms of apps/ingress',
    ],
    ['apps/ingress/src/a.ts', "import '@live-feed/tools/stack';", 'apps/ingress must not import tools'],
    ['apps/worker/src/a.ts', "import { Worker } from 'bullmq';", 'only packages/queue may import bullmq'],
    ['tools/src/a.ts', "import { Redis } from 'ioredis';", 'only packages/queue may import ioredis'],
    [
      'apps/worker/src/a.ts',
      "import { PrismaPg } from '@prisma/adapter-pg';",
      'only packages/database may import @prisma/adapter-pg',
    ],
    ['apps/ingress/src/a.ts', "import got from 'got';", 'only packages/dialers may import got'],
    [
      'packages/queue/src/a.ts',
      "const url = process.env['REDIS_URL'];",
      'a package must not read process.env',
    ],
    ['packages/queue/src/a.ts', "import { env } from 'node:process';", 'a package must not read process.env'],
    ['packages/queue/src/a.ts', 'const { env } = process;', 'a package must not read process.env'],
    ['packages/queue/src/utils/a.ts', '', '"utils" names no subject'],
    ['apps/worker/src/helpers.ts', '', '"helpers" names no subject'],
    ['packages/queue/src/index.ts', '', 'no barrels, import by subject'],
  ])('%s: %s', (path, text, breach) => {
    expect(violations([parseSource(path, text)])).toEqual([`${path}: ${breach}`]);
  });

  test('a second file of an app that reads process.env', () => {
    const files = ['environment', 'server'].map((name) =>
      parseSource(`apps/ingress/src/${name}.ts`, 'export const e = process.env;'),
    );
    expect(violations(files)).toEqual([
      'apps/ingress/src/server.ts: apps/ingress already reads process.env elsewhere',
    ]);
  });
});

test('what the rules allow is not found', () => {
  const files = [
    parseSource(
      'packages/core/src/lead/phone.ts',
      "import { z } from 'zod'; import { createHmac } from 'node:crypto'; import './a.ts';",
    ),
    parseSource(
      'packages/queue/src/lane.ts',
      "import { Queue } from 'bullmq'; import '@live-feed/core/lead/phone';",
    ),
    parseSource(
      'apps/worker/src/main.ts',
      "import '@live-feed/queue/lane'; import '@live-feed/runtime/logging/logger'; process.env;",
    ),
    parseSource('apps/ingress/src/submit/a.ts', "import './b.ts'; import '../http/request-id.ts';"),
    parseSource('tests/flow.test.ts', "import '@live-feed/ingress/app'; import { Queue } from 'bullmq';"),
  ];
  expect(violations(files)).toEqual([]);
});
