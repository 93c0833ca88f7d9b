import type { Scenario } from '../scenario.ts';
import { cellText, describeMachine } from './describe-finding.ts';
import type { Finding, Table } from './finding.ts';
import { figure } from './table.ts';

type Titled = Pick<Scenario, 'name' | 'title' | 'question' | 'note'>;

/** docs/performance.md, of what was found and of the notes that people took, both by a scenario's name. */
export function performancePage(
  scenarios: readonly Titled[],
  findings: readonly Finding[],
  notes: ReadonlyMap<string, string>,
): string {
  const found = scenarios.flatMap((scenario) => {
    const finding = findings.find(({ name }) => name === scenario.name);
    return finding === undefined ? [] : [{ scenario, finding }];
  });
  return [
    '# Performance',
    head,
    ...machineParts(findings),
    ...targetParts(found),
    ...found.flatMap(({ scenario, finding }) => section(scenario, finding, notes.get(scenario.name))),
  ]
    .join('\n\n')
    .concat('\n');
}

const head = `\`npm run bench:report\` writes this page from [bench/results](../bench/results) and
[bench/notes](../bench/notes); do not edit it. [bench/README.md](../bench/README.md) describes the scenarios, their
targets and the baselines. Everything shares one machine: dialing system, load, PostgreSQL (\`fsync\` on), Redis
(append-only file) and Live Feed. So ratios within one run say more than single figures.`;

/** Usually one machine for all. */
function machineParts(findings: readonly Finding[]): string[] {
  const whole = findings.filter(({ machine }) => machine.redis !== undefined);
  return [...new Set(whole.map(({ machine }) => describeMachine(machine)))].map(
    (machine) => `Machine: ${machine}.`,
  );
}

function targetParts(found: readonly { readonly scenario: Titled; readonly finding: Finding }[]): string[] {
  const verdicts = found.flatMap(({ scenario, finding }) =>
    finding.verdicts.map((verdict) => ({ scenario, ...verdict })),
  );
  const missed = verdicts.filter(({ met }) => !met);
  const summary = `${verdicts.length - missed.length} of ${verdicts.length} targets are met.`;
  if (missed.length === 0) return ['## Targets', summary];
  const rows = missed.map(({ scenario, what, measured, must, target, unit }) => [
    `[${scenario.title}](#${anchor(scenario.title)})`,
    what,
    `${figure(measured)} ${unit}`,
    `${must} ${figure(target)} ${unit}`,
  ]);
  return [
    '## Targets',
    `${summary} Missed:`,
    markdownTable(['scenario', 'what', 'measured', 'target'], rows),
  ];
}

function section(scenario: Titled, finding: Finding, notes: string | undefined): string[] {
  const { name, commit, date, seconds, rounds } = finding;
  const asked = [
    seconds === null ? '' : ` --seconds ${seconds}`,
    rounds === null ? '' : ` --rounds ${rounds}`,
  ].join('');
  return [
    `## ${scenario.title}`,
    `${scenario.question}`,
    ...(scenario.note === undefined ? [] : [scenario.note]),
    ...finding.tables.flatMap(tableParts),
    ...finding.remarks,
    ...(notes === undefined ? [] : [notes.trim()]),
    `(\`npm run bench -- ${name}${asked}\` at ${commit}, ${date.slice(0, 10)})`,
  ];
}

/** Columns for the terminal: whether the figures can be trusted, and what the targets say anyway. */
const forTerminals = new Set(['errors', '429s', 'RSS MiB', 'load CPU %']);

function tableParts({ title, columns, rows }: Table): string[] {
  const shown = columns.flatMap((column, at) => (forTerminals.has(column) ? [] : [at]));
  const text = markdownTable(
    shown.map((at) => columns[at] ?? ''),
    rows.map((row) => shown.map((at) => cellText(row[at] ?? null))),
  );
  return title === undefined ? [text] : [`${title}:`, text];
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** As GitHub makes it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}
