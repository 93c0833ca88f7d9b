import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { scenarios } from '../scenarios.ts';
import { type Finding, findingSchema } from './finding.ts';
import { performancePage } from './performance-page.ts';

const resultsFolder = join(cloneDir, 'bench', 'results');
const notesFolder = join(cloneDir, 'bench', 'notes');

export const pageFile = join(cloneDir, 'docs', 'performance.md');

/** Replaces what was found before. */
export async function keepFinding(finding: Finding): Promise<void> {
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, `${finding.name}.json`), `${JSON.stringify(finding, undefined, 1)}\n`);
}

export async function writePage(): Promise<void> {
  await writeFile(pageFile, await pageOfResults());
}

/** docs/performance.md as it has to be. */
export async function pageOfResults(): Promise<string> {
  const contents = async (folder: string, ending: string): Promise<[string, string][]> => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
    return Promise.all(
      files.map(async (name) => [name.slice(0, -ending.length), await readFile(join(folder, name), 'utf8')]),
    );
  };
  const results = await contents(resultsFolder, '.json');
  const findings = results.map(([, text]) => findingSchema.parse(JSON.parse(text)));
  return performancePage(scenarios, findings, new Map(await contents(notesFolder, '.md')));
}
