import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from './clone.ts';
import { licencesPage, PRODUCTION_WORKSPACES } from './licences/licences-page.ts';
import { productionPackages } from './licences/production-packages.ts';

// `npm run licences`: writes docs/licences.md from package-lock.json.
const lock = JSON.parse(await readFile(join(cloneDir, 'package-lock.json'), 'utf8'));
await writeFile(
  join(cloneDir, 'docs', 'licences.md'),
  licencesPage(productionPackages(lock, PRODUCTION_WORKSPACES)),
);
