import type { Cell, Finding, Machine, Verdict } from './finding.ts';
import { figure, table } from './table.ts';

/** For a terminal: the tables, then what they say against the targets. */
export function describeFinding(finding: Finding): string {
  const { name, commit, machine, seconds, rounds, tables, remarks, verdicts } = finding;
  const times = [rounds === null ? '' : `${rounds} × `, seconds === null ? '' : `${seconds} s`].join('');
  return [
    `${name} at ${commit}${times === '' ? '' : `: ${times}`}`,
    describeMachine(machine),
    ...tables.map(({ title, columns, rows }) => {
      const text = table(
        columns,
        rows.map((row) => row.map(cellText)),
      );
      return title === undefined ? text : `${title}\n${text}`;
    }),
    remarks.join('\n'),
    verdicts.map(describeVerdict).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function describeMachine({ cores, cpu, memoryGb, system, node, postgres, redis }: Machine): string {
  const services = [`PostgreSQL ${postgres}`, ...(redis === undefined ? [] : [`Redis ${redis}`])];
  return `${cores} × ${cpu}, ${memoryGb} GB, ${system}, Node ${node}, ${services.join(', ')}`;
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : figure(cell);
}

function describeVerdict({ what, measured, must, target, unit, met }: Verdict): string {
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${figure(measured)} ${must} ${figure(target)} ${unit}`;
}
