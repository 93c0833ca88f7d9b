import type { Owner } from '@live-feed/tools/stack/owner';
import { presentCommit } from '../machine.ts';
import { describeVerdict } from '../report/describe-result.ts';
import { figure, table } from '../report/table.ts';
import { atMost, type Verdict } from '../verdict.ts';
import { type AssignmentTime, measureAssignment } from './database-time.ts';
import { type SimulatedRow, simulate } from './simulation.ts';

export interface AssignResult {
  readonly scenario: 'assign';
  readonly commit: string;
  readonly database: AssignmentTime;
  readonly rows: readonly SimulatedRow[];
  readonly verdicts: readonly Verdict[];
}

const TARGET_MICROS = 20;

/** No load: what ANIs cost in the database, and what a country of leads gets. */
export async function runAssign(owner: Owner, say: (line: string) => void): Promise<AssignResult> {
  say('Starting PostgreSQL and beginning uploads …');
  const database = await measureAssignment(owner);
  say('Assigning ANIs to 100,000 leads …');
  const what = `uploads of ${database.leadsPerUpload}, ${database.anis} ANIs`;
  const rows = simulate();
  return {
    scenario: 'assign',
    commit: await presentCommit(),
    database,
    rows,
    verdicts: [
      atMost({ what, measured: database.assignment, target: TARGET_MICROS, unit: 'µs/lead in PostgreSQL' }),
    ],
  };
}

const columns: readonly (readonly [string, (row: SimulatedRow) => string])[] = [
  ['strategy', ({ strategy }) => strategy],
  ['area code %', ({ areaCode }) => figure(areaCode)],
  ['≤ 150 km %', ({ nearby }) => figure(nearby)],
  ['state %', ({ state }) => figure(state)],
  ['farther %', ({ farther }) => figure(farther)],
  ['none %', ({ without }) => figure(without)],
  ['mean km', ({ meanKm }) => figure(meanKm)],
  ['busiest/idlest', ({ busiestToIdlest }) => figure(busiestToIdlest)],
  ['most in a day', ({ mostInADay }) => String(mostInADay)],
  ['days over cap', ({ overCap }) => String(overCap)],
];

export function describeAssign({ commit, database, rows, verdicts }: AssignResult): string {
  const { leadsPerUpload, anis, read, write, writeWithout, assignment } = database;
  return [
    `assign at ${commit}`,
    '',
    table(
      ['in PostgreSQL, median upload', 'leads', 'ANIs', 'read', 'write', 'write without ANIs', 'assignment'],
      [
        [
          'µs/lead',
          String(leadsPerUpload),
          String(anis),
          ...[read, write, writeWithout, assignment].map(figure),
        ],
      ],
    ),
    '',
    table(
      columns.map(([name]) => name),
      rows.map((row) => columns.map(([, cell]) => cell(row))),
    ),
    '',
    ...verdicts.map(describeVerdict),
  ].join('\n');
}
