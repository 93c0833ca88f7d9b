import type { EnvironmentRow } from '@live-feed/runtime/environment';
import { type ConfiguredProcess, sentence } from './processes.ts';

const HEAD = `\
# Configuration of Live Feed's processes. Copy this file to .env, and fill in what has no value. What is commented out shows its default.
# A process is started with it like this:  node --env-file=.env --import tsx apps/ingress/src/main.ts
#
# Written by "npm run env:example" from apps/*/src/environment.ts; change those.
`;

/** How to come by the value of a variable that has no default. */
const HOW_TO: Readonly<Record<string, string>> = {
  DATABASE_URL: 'Such as postgresql://live_feed:<password>@localhost:5432/live_feed',
  REDIS_URL: 'Such as redis://:<password>@localhost:6379',
  SEAL_KEYS: 'Make one with: echo "k1:$(openssl rand -base64 32)"',
  PHONE_DIGEST_SECRET: 'Make one with: openssl rand -hex 32',
  DASHBOARD_PASSWORD: 'Make one with: openssl rand -hex 12',
};

/**
 * The text of `.env.example`: a section with what several processes share, then one for each process. No required variable
 * has a value.
 *
 * @throws Error when nobody has written down how to come by the value of a required variable
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
  if (howTo === undefined) throw new Error(`Write down in HOW_TO where the value of ${name} comes from.`);
  return `# ${comments}\n# ${howTo}\n${name}=\n`;
}
