import { type AssignmentTime, measureAssignment } from '../assign/database-time.ts';
import { type SimulatedRow, simulate } from '../assign/simulation.ts';
import type { Cell, Table } from '../report/finding.ts';
import { atMost } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';
import { describeMachine } from '../usage/machine.ts';

const TARGET_MICROS = 20;

/** No load: what assigning costs in the database, and what a country of leads gets. */
export const assign: Scenario = {
  name: 'assign',
  title: 'Caller IDs',
  question: 'What does it cost to assign ANIs, and how near and how evenly used are they?',
  seconds: null,
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
    return {
      machine: describeMachine({ postgres: database.postgres }),
      tables: [databaseTable(database), simulationTable(rows)],
      verdicts: [verdict],
      facts: { database, rows },
    };
  },
};

const columns: readonly (readonly [string, (row: SimulatedRow) => Cell])[] = [
  ['strategy', ({ strategy }) => strategy],
  ['area code %', ({ areaCode }) => areaCode],
  ['≤ 150 km %', ({ nearby }) => nearby],
  ['state %', ({ state }) => state],
  ['farther %', ({ farther }) => farther],
  ['none %', ({ without }) => without],
  ['mean km', ({ meanKm }) => meanKm],
  ['busiest/idlest', ({ busiestToIdlest }) => busiestToIdlest],
  ['most in a day', ({ mostInADay }) => String(mostInADay)],
  ['days over cap', ({ overCap }) => String(overCap)],
];

function simulationTable(rows: readonly SimulatedRow[]): Table {
  return {
    title: '100,000 leads in three days, 500 ANIs',
    columns: columns.map(([name]) => name),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  };
}

function databaseTable(time: AssignmentTime): Table {
  const { leadsPerUpload, anis, read, write, writeWithout, assignment } = time;
  return {
    title: 'In PostgreSQL, the median upload',
    columns: ['', 'leads', 'ANIs', 'read', 'write', 'write without ANIs', 'assignment'],
    rows: [['µs/lead', String(leadsPerUpload), String(anis), read, write, writeWithout, assignment]],
  };
}
