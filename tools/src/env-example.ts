import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from './clone.ts';
import { withTables } from './configuration/configuration-page.ts';
import { envExample } from './configuration/env-example.ts';
import { processes } from './configuration/processes.ts';

// `npm run env:example`: writes .env.example and the tables of docs/configuration.md from the schemas of the processes' environments.
const page = join(cloneDir, 'docs', 'configuration.md');
await writeFile(join(cloneDir, '.env.example'), envExample(processes));
await writeFile(page, withTables(await readFile(page, 'utf8'), processes));
