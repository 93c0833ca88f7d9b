import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Finding } from './finding.ts';
import { performancePage } from './performance-page.ts';
import { pageFile, pageOfResults } from './results-folder.ts';

test('docs/performance.md is what `npm run bench:report` makes of bench/results and bench/notes', async () => {
  expect(await readFile(pageFile, 'utf8')).toBe(await pageOfResults());
});

const machine = { cpu: 'A', cores: 2, memoryGb: 8, system: 'linux', node: '20', postgres: '18', redis: '7' };
const scenario = { name: 'limits', title: "Under RingCX's limits", question: 'How many?' };
const finding: Finding = {
  name: 'limits',
  date: '2026-01-02T03:04:05.000Z',
  commit: 'abc',
  machine,
  seconds: 5,
  rounds: 2,
  tables: [{ columns: ['callers', 'leads/s'], rows: [['100', 183.4]] }],
  remarks: [],
  verdicts: [{ what: '100 callers', measured: null, must: '≥', target: 144, unit: 'leads/s', met: false }],
  facts: {},
};

test('a missed target is shown, and a scenario without results is not', () => {
  const page = performancePage([{ ...scenario, name: 'other' }, scenario], [finding], new Map());
  expect(page).toContain('0 of 1 targets are met. Missed:');
  expect(page).toContain(
    "| [Under RingCX's limits](#under-ringcxs-limits) | 100 callers | – leads/s | ≥ 144 leads/s |",
  );
  expect(page).toContain('`npm run bench -- limits --seconds 5 --rounds 2` at abc, 2026-01-02');
  expect(page).not.toContain('other');
});

test('a note stands in the section of its scenario', () => {
  const page = performancePage([scenario], [finding], new Map([['limits', 'It is the machine.\n']]));
  expect(page.indexOf('It is the machine.')).toBeGreaterThan(page.indexOf('| 100 | 183 |'));
});
