import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { GROUPS, type GroupName, group, type Run } from './command.ts';
import { purgeCommand } from './purge-command.ts';

const EXIT_CODES = `
Exit codes: 0 done · 1 refused or failed, or what was found is not as it should be · 2 wrong usage ·
78 wrong environment · 130 interrupted. Results go to standard output, everything else to standard error.`;

const LOAD: Readonly<Record<GroupName, (run: Run) => Promise<CommandUnknownOpts>>> = {
  company: async (run) => (await import('./company-commands.ts')).companyCommands(run),
  key: async (run) => (await import('./key-commands.ts')).keyCommands(run),
  dialer: async (run) => (await import('./dialer-commands.ts')).dialerCommands(run),
  campaign: async (run) => (await import('./campaign-commands.ts')).campaignCommands(run),
  ani: async (run) => (await import('./ani-commands.ts')).aniCommands(run),
  lead: async (run) => (await import('./lead-commands.ts')).leadCommands(run),
  seal: async (run) => (await import('./seal-commands.ts')).sealCommands(run),
};

/** All commands. @param argv of groups that it does not name only the names are there: loading everything would take a second */
export async function buildProgram(run: Run, argv?: readonly string[]): Promise<Command> {
  const program = new Command('admin').description(
    'Runs Live Feed: companies, keys, dialers, campaigns, ANIs, leads, upkeep.',
  );
  for (const name of Object.keys(GROUPS) as GroupName[]) {
    const isNamed = argv === undefined || argv.includes(name);
    program.addCommand(isNamed ? await LOAD[name](run) : group(name));
  }
  return program.addCommand(purgeCommand(run)).addHelpText('after', EXIT_CODES);
}
