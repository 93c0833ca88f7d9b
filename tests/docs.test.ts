import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { processes } from '@live-feed/tools/configuration/processes';
import { describe, expect, test } from 'vitest';

/** What the pages name exists, and they stay short enough to be read. */

const inDocs = readdirSync(join(cloneDir, 'docs'), { recursive: true, encoding: 'utf8' });
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/README.md',
  'apps/dialer-simulator/README.md',
]
  .concat(inDocs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`))
  .sort();
const files = ['.', 'apps', 'packages', 'tests', 'tools', 'bench', 'ops', 'prisma'].flatMap((folder) =>
  readdirSync(join(cloneDir, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`),
);
const fileNames = new Set(files.map((file) => basename(file)));
const generated = ['docs/performance.md'];
const textOf = (page: string) => readFileSync(join(cloneDir, page), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, '');

/** The ids that GitHub gives headings. */
function anchorsOf(page: string): Set<string> {
  const headings = [...withoutCode(textOf(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe.each(pages)('%s', (page) => {
  const text = textOf(page);

  test('links to files and headings that exist', () => {
    for (const [, link = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect([link, existsSync(join(cloneDir, file))]).toEqual([link, true]);
      if (anchor !== undefined) expect([link, anchorsOf(file).has(anchor)]).toEqual([link, true]);
    }
  });
});

// The changelog also names what was removed.
test.each(pages.filter((page) => page !== 'CHANGELOG.md'))(
  '%s names paths, npm scripts and variables that exist',
  (page) => {
    const text = textOf(page);
    const paths = [
      ...text.matchAll(/`((?:apps|packages|tests|tools|bench|docs|ops|deploy|prisma)\/[\w./@-]+)`/g),
    ];
    const missing = paths.map(([, path = '']) => path).filter((path) => !existsSync(join(cloneDir, path)));
    expect(missing).toEqual([]);
    const names = [...text.matchAll(/`([\w.-]+\.(?:ts|mjs|sql|yml))`/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !fileNames.has(name))).toEqual([]);

    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const run = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, script = '']) => script);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);

    const known = new Set(processes.flatMap(({ variables }) => variables.map(({ name }) => name)));
    const named = [...text.matchAll(/`((?:INGRESS|WORKER|CONSOLE)_[A-Z_]+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  },
);

test.each(pages.filter((page) => !generated.includes(page)))(
  '%s has lines of prose that are no longer than those of code',
  (page) => {
    const long = withoutCode(textOf(page))
      .split('\n')
      .filter((line) => line.length > 110 && !/^\s*(\||<!--)/.test(line));
    // A path or an address that does not fit is not broken.
    expect(long.filter((line) => line.trim().includes(' ') && !/\S{60}/.test(line))).toEqual([]);
  },
);

const short = [
  'README.md',
  ...['architecture', 'reliability', 'security', 'performance'].map((name) => `docs/${name}.md`),
];

test.each([...short, ...pages.filter((page) => page.startsWith('docs/operations/'))])(
  '%s is short',
  (page) => {
    const words = textOf(page)
      .split(/\s+/)
      .filter((word) => /\w/.test(word));
    expect(words.length).toBeLessThanOrEqual(page === 'README.md' ? 1_200 : 2_000);
  },
);

test('decision records are numbered without gaps, and each is in the list', () => {
  const records = inDocs
    .filter((name) => /^adr.\d/.test(name))
    .map((name) => name.slice('adr/'.length))
    .sort();
  expect(records.map((name) => Number(name.slice(0, 4)))).toEqual(records.map((_, n) => n + 1));
  for (const name of records) expect(textOf('docs/adr/README.md')).toContain(`(${name})`);
});

test('every page is in the index', () => {
  const index = textOf('docs/README.md');
  const listed = inDocs.filter(
    (name) => name.endsWith('.md') && !/^adr.\d/.test(name) && name !== 'README.md',
  );
  expect(listed.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});

test('docs/security.md names tests that exist', () => {
  const rows = textOf('docs/security.md').match(/^\|.*\|$/gm) ?? [];
  const shownBy = rows.flatMap((row) => [...(row.split('|').at(-2) ?? '').matchAll(/`([a-z/-]+)`/g)]);
  const named = shownBy.map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !files.some((file) => file.endsWith(`/${name}.test.ts`)))).toEqual([]);
});
