import type { Finding, Table } from '../finding.ts';
import type { Study } from '../study.ts';
import { cellText, describeBars, describeMachine } from './describe-finding.ts';
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
    '## Targets',
    markdownTable(
      ['', 'what', 'measured', '', 'target', '', 'met'],
      found.flatMap(({ study, finding }) =>
        finding.verdicts.map(({ what, measured, must, target, unit, met }) => [
          `[${study.name}](#${anchor(study.title)})`,
          what,
          figure(measured),
          must,
          figure(target),
          unit,
          met ? 'yes' : '**no**',
        ]),
      ),
    ),
    ...found.flatMap(({ study, finding }) => section(study, finding, notes.get(study.name))),
    '## Faults',
    'What was lost, doubled or answered wrongly while processes and services failed: [reliability.md](reliability.md).',
  ]
    .join('\n\n')
    .concat('\n');
}

const head = `Written by \`npm run bench:report\` from [bench/results](../bench/results) and [bench/notes](../bench/notes); change those, not this.
What is measured, and beside what, is told in [bench/README.md](../bench/README.md). Dialing system, load, PostgreSQL (\`fsync\` on), Redis (append-only file) and Live Feed
share the machine: ratios within one run mean more than any single figure.`;

/** Most often all were found on one machine. */
function machineParts(findings: readonly Finding[]): string[] {
  const whole = findings.filter(({ machine }) => machine.redis !== undefined);
  return [...new Set(whole.map(({ machine }) => describeMachine(machine)))].map(
    (machine) => `On ${machine}.`,
  );
}

function section(study: Titled, finding: Finding, notes: string | undefined): string[] {
  const { name, commit, date, seconds, rounds } = finding;
  const asked = [
    seconds === null ? '' : ` --seconds ${seconds}`,
    rounds === null ? '' : ` --rounds ${rounds}`,
  ].join('');
  return [
    `## ${study.title}`,
    `${study.question} \`npm run bench -- ${name}${asked}\` at ${commit}, ${date.slice(0, 10)}.`,
    ...(study.note === undefined ? [] : [study.note]),
    ...finding.tables.flatMap(tableParts),
    ...finding.bars.flatMap((bars) => [`${bars.title}:`, `\`\`\`text\n${describeBars(bars)}\n\`\`\``]),
    ...finding.remarks,
    ...(notes === undefined ? [] : [notes.trim()]),
  ];
}

function tableParts({ title, columns, rows }: Table): string[] {
  const text = markdownTable(
    columns,
    rows.map((row) => row.map(cellText)),
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
