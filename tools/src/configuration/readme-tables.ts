import type { EnvironmentRow } from '@live-feed/runtime/environment';
import { type ConfiguredProcess, sentence } from './processes.ts';

const BEGIN = '<!-- configuration: written by "npm run env:example" -->';
const END = '<!-- end of configuration -->';

/** The README with its tables of the processes' variables made anew, between their markers. */
export function withTables(readme: string, processes: readonly ConfiguredProcess[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The README has no place for its tables: ${BEGIN} … ${END}`);
  const tables = processes.map(table).join('\n');
  return `${readme.slice(0, begin)}${BEGIN}\n\n${tables}\n${readme.slice(end)}`;
}

function table({ name, variables }: ConfiguredProcess): string {
  const rows = variables.map((row) => `| \`${row.name}\` | ${defaultOf(row)} | ${cell(row.description)} |`);
  return [`**${name}**\n`, '| variable | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

function defaultOf({ required, default: value }: EnvironmentRow): string {
  if (required) return '*required*';
  return value === undefined ? '' : `\`${value}\``;
}

function cell(description: string): string {
  return sentence(description).replaceAll('|', '\\|');
}
