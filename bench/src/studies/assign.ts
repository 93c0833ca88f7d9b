import { type AssignmentTime, measureAssignment } from '../assign/database-time.ts';
import { type SimulatedRow, simulate } from '../assign/simulation.ts';
import { presentCommit } from '../machine.ts';
import { describeVerdict } from '../report/describe-result.ts';
import { figure, table } from '../report/table.ts';
import type { Study } from '../study.ts';
import { atMost } from '../verdict.ts';

const TARGET_MICROS = 20;

/** No load: what assigning costs in the database, and what a country of leads gets. */
export const assign: Study = {
  name: 'assign',
  question: 'What does it cost to assign ANIs, and how near and how evenly used are they?',
  async run({ owner, say }) {
    say('Beginning uploads …');
    const database = await measureAssignment(owner);
    say('Assigning ANIs to 100,000 leads …');
    const rows = simulate();
    const verdict = atMost({
      what: `uploads of ${database.leadsPerUpload}, ${database.anis} ANIs`,
      measured: database.assignment,
      target: TARGET_MICROS,
      unit: 'µs/lead in PostgreSQL',
    });
    const text = [databaseTable(database), simulationTable(rows), describeVerdict(verdict)].join('\n\n');
    return { text, facts: { commit: await presentCommit(), database, rows, verdicts: [verdict] } };
  },
};

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

function simulationTable(rows: readonly SimulatedRow[]): string {
  return table(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  );
}

function databaseTable(time: AssignmentTime): string {
  const { leadsPerUpload, anis, read, write, writeWithout, assignment } = time;
  return table(
    ['in PostgreSQL, median upload', 'leads', 'ANIs', 'read', 'write', 'write without ANIs', 'assignment'],
    [
      [
        'µs/lead',
        String(leadsPerUpload),
        String(anis),
        ...[read, write, writeWithout, assignment].map(figure),
      ],
    ],
  );
}
