import type { EnvironmentRow } from '@live-feed/runtime/configuration/environment';
import { type ConfiguredProcess, sentence } from './processes.ts';

const BEGIN = '<!-- configuration: written by "npm run env:example" -->';
const END = '<!-- end of configuration -->';

/** docs/configuration.md with new tables of the processes' variables between its markers. */
export function withTables(page: string, processes: readonly ConfiguredProcess[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no place for the tables: ${BEGIN} … ${END}`);
  const tables = processes.map(table).join('\n');
  return `${page.slice(0, begin)}${BEGIN}\n\n${tables}\n${page.slice(end)}`;
}

function table({ name, variables }: ConfiguredProcess): string {
  const rows = variables.map((row) => `| \`${row.name}\` | ${defaultOf(row)} | ${cell(row.description)} |`);
  return [`## ${name}\n`, '| variable | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

function defaultOf({ required, default: value }: EnvironmentRow): string {
  if (required) return '*required*';
  return value === undefined ? '' : `\`${value}\``;
}

function cell(description: string): string {
  return sentence(description).replaceAll('|', '\\|');
}
