import type { Finding, Table } from '../finding.ts';
import type { Study } from '../study.ts';
import { cellText, describeMachine } from './describe-finding.ts';
import { figure } from './table.ts';

type Titled = Pick<Study, 'name' | 'title' | 'question' | 'note'>;

/** docs/performance.md, of what was found and of the notes that people took, both by a study's name. */
export function performancePage(
  studies: readonly Titled[],
  findings: readonly Finding[],
  notes: ReadonlyMap<string, string>,
): string {
  const found = studies.flatMap((study) => {
    const finding = findings.find(({ name }) => name === study.name);
    return finding === undefined ? [] : [{ study, finding }];
  });
  return [
    '# Performance',
    head,
    ...machineParts(findings),
    ...targetParts(found),
    ...found.flatMap(({ study, finding }) => section(study, finding, notes.get(study.name))),
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

function targetParts(found: readonly { readonly study: Titled; readonly finding: Finding }[]): string[] {
  const verdicts = found.flatMap(({ study, finding }) =>
    finding.verdicts.map((verdict) => ({ study, ...verdict })),
  );
  const missed = verdicts.filter(({ met }) => !met);
  const summary = `${verdicts.length - missed.length} of ${verdicts.length} targets are met.`;
  if (missed.length === 0) return ['## Targets', summary];
  const rows = missed.map(({ study, what, measured, must, target, unit }) => [
    `[${study.title}](#${anchor(study.title)})`,
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

function section(study: Titled, finding: Finding, notes: string | undefined): string[] {
  const { name, commit, date, seconds, rounds } = finding;
  const asked = [
    seconds === null ? '' : ` --seconds ${seconds}`,
    rounds === null ? '' : ` --rounds ${rounds}`,
  ].join('');
  return [
    `## ${study.title}`,
    `${study.question}`,
    ...(study.note === undefined ? [] : [study.note]),
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
