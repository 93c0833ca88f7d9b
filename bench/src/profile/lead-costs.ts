import type { Point } from '../comparison/point.ts';
import { describePoint } from '../comparison/point.ts';
import { figure, table } from '../report/table.ts';
import type { CommandCost } from './command-stats.ts';
import type { StatementCost } from './statement-stats.ts';

/** What a point's leads cost while they were measured. */
export interface LeadCosts {
  readonly point: Point;
  readonly leads: number;
  readonly uploads: number;
  readonly perSecond: number;
  readonly commands: readonly [name: string, cost: CommandCost][];
  readonly statements: readonly StatementCost[];
  readonly processes: readonly {
    readonly name: string;
    readonly selfTime: readonly [place: string, micros: number][];
  }[];
}

const mostLines = 15;
const statementLength = 90;

export function describeLeadCosts(costs: LeadCosts): string {
  const { point, leads, uploads, perSecond } = costs;
  return [
    `${describePoint(point)}: ${leads} leads in ${uploads} uploads, ${figure(perSecond)} leads/s under the profiler`,
    ...costs.processes.map(({ name, selfTime }) => cpuTable(name, selfTime, leads)),
    commandTable(costs.commands, leads),
    statementTable(costs.statements, leads, uploads),
  ].join('\n\n');
}

function cpuTable(name: string, selfTime: readonly [string, number][], leads: number): string {
  const total: [string, number] = ['all', selfTime.reduce((sum, [, micros]) => sum + micros, 0)];
  return table(
    [`CPU of the ${name}`, 'µs/lead'],
    [total, ...selfTime.slice(0, mostLines)].map(([place, micros]) => [place, figure(micros / leads)]),
  );
}

function commandTable(commands: readonly [string, CommandCost][], leads: number): string {
  return table(
    ['Redis', 'calls/lead', 'µs/lead'],
    commands
      .slice(0, mostLines)
      .map(([name, { calls, micros }]) => [name, figure(calls / leads), figure(micros / leads)]),
  );
}

function statementTable(statements: readonly StatementCost[], leads: number, uploads: number): string {
  return table(
    ['PostgreSQL', 'calls/upload', 'rows/lead', 'µs/lead'],
    statements.map(({ statement, calls, rows, totalMs }) => [
      statement.slice(0, statementLength),
      figure(calls / uploads),
      figure(rows / leads),
      figure((totalMs * 1_000) / leads),
    ]),
  );
}
