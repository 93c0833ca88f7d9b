import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from './clone.ts';
import { envExample } from './configuration/env-example.ts';
import { processes } from './configuration/processes.ts';
import { withTables } from './configuration/readme-tables.ts';

// `npm run env:example`: writes .env.example, and the README's tables, from the schemas that the processes read their environment with.
const readme = join(cloneDir, 'README.md');
await writeFile(join(cloneDir, '.env.example'), envExample(processes));
await writeFile(readme, withTables(await readFile(readme, 'utf8'), processes));
