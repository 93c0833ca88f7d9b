import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { GROUPS, type GroupName, group, type Run } from './command.ts';
import { purgeCommand } from './lead/purge-command.ts';

const EXIT_CODES = `
Exit codes: 0 done · 1 refused or failed, or the result needs attention · 2 wrong usage ·
78 wrong environment · 130 interrupted. Results go to standard output, everything else to standard error.`;

const LOAD: Readonly<Record<GroupName, (run: Run) => Promise<CommandUnknownOpts>>> = {
  overview: async (run) => (await import('./overview/overview-commands.ts')).overviewCommands(run),
  company: async (run) => (await import('./company/company-commands.ts')).companyCommands(run),
  key: async (run) => (await import('./company/key-commands.ts')).keyCommands(run),
  dialer: async (run) => (await import('./dialer/dialer-commands.ts')).dialerCommands(run),
  campaign: async (run) => (await import('./campaign/campaign-commands.ts')).campaignCommands(run),
  ani: async (run) => (await import('./ani/ani-commands.ts')).aniCommands(run),
  dnc: async (run) => (await import('./dnc/dnc-commands.ts')).dncCommands(run),
  lead: async (run) => (await import('./lead/lead-commands.ts')).leadCommands(run),
  webhook: async (run) => (await import('./webhook/webhook-commands.ts')).webhookCommands(run),
  person: async (run) => (await import('./person/person-commands.ts')).personCommands(run),
  'admin-key': async (run) => (await import('./admin-key/admin-key-commands.ts')).adminKeyCommands(run),
  alert: async (run) => (await import('./alert/alert-commands.ts')).alertCommands(run),
  'alert-channel': async (run) => (await import('./alert/channel-commands.ts')).channelCommands(run),
  audit: async (run) => (await import('./audit/audit-commands.ts')).auditCommands(run),
  seal: async (run) => (await import('./encryption/seal-commands.ts')).sealCommands(run),
};

/** All commands. @param argv groups that it does not name are not loaded: loading everything takes a second */
export async function buildProgram(run: Run, argv?: readonly string[]): Promise<Command> {
  const program = new Command('admin').description(
    'Manages Live Feed: companies, keys, dialers, campaigns, ANIs, do-not-call lists, leads, webhooks, upkeep.',
  );
  for (const name of Object.keys(GROUPS) as GroupName[]) {
    const isNamed = argv === undefined || argv.includes(name);
    program.addCommand(isNamed ? await LOAD[name](run) : group(name));
  }
  return program.addCommand(purgeCommand(run)).addHelpText('after', EXIT_CODES);
}
