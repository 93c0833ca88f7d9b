import type { EnvironmentRow } from '@live-feed/runtime/configuration/environment';
import { type ConfiguredProcess, sentence } from './processes.ts';

const HEAD = `\
# Configuration of Live Feed's processes. Copy this file to .env, and fill in the empty values. Comments show the defaults.
# Start a process with it:  node --env-file=.env --import tsx apps/ingress/src/main.ts
#
# Written by "npm run env:example" from apps/*/src/environment.ts; change those.
`;

/** Where the value of a variable without a default comes from. */
const HOW_TO: Readonly<Record<string, string>> = {
  DATABASE_URL: 'Such as postgresql://live_feed:<password>@localhost:5432/live_feed',
  REDIS_URL: 'Such as redis://:<password>@localhost:6379',
  SEAL_KEYS: 'Make one with: echo "k1:$(openssl rand -base64 32)"',
  PHONE_DIGEST_SECRET: 'Make one with: openssl rand -hex 32',
};

/**
 * The text of `.env.example`: a section with the variables that several processes share, then one per process. Required variables have
 * no value.
 *
 * @throws Error if HOW_TO lacks a required variable
 */
export function envExample(processes: readonly ConfiguredProcess[]): string {
  const users = new Map<string, { readonly process: string; readonly default: string | undefined }[]>();
  const shared = new Map<string, EnvironmentRow>();
  for (const { name: process, variables } of processes) {
    for (const row of variables) {
      const others = users.get(row.name) ?? [];
      users.set(row.name, [...others, { process, default: row.default }]);
      if (others.length === 1) shared.set(row.name, row);
    }
  }
  const usersOf = (row: EnvironmentRow) =>
    users
      .get(row.name)
      ?.map((user) => (user.default === row.default ? user.process : `${user.process} (${user.default})`));
  const common = [...shared.values()].map((row) => entry(row, `For ${usersOf(row)?.join(', ')}.`));
  const own = processes.flatMap(({ name, variables }) => {
    const entries = variables.filter((row) => !shared.has(row.name)).map((row) => entry(row));
    return entries.length === 0 ? [] : [section(name, entries)];
  });
  return [HEAD, section('several processes', common), ...own].join('\n');
}

function section(title: string, entries: readonly string[]): string {
  return [`# ---- ${title} ----\n`, ...entries].join('\n');
}

function entry({ name, required, default: value, description }: EnvironmentRow, note?: string): string {
  const comments = [sentence(description), note].filter((text) => text !== undefined).join(' ');
  if (!required) return `# ${comments}\n#${name}=${value ?? ''}\n`;
  const howTo = HOW_TO[name];
  if (howTo === undefined) throw new Error(`Add ${name} to HOW_TO, with the source of its value.`);
  return `# ${comments}\n# ${howTo}\n${name}=\n`;
}
