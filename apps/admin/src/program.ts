import { Command } from '@commander-js/extra-typings';
import { aniCommands } from './ani-commands.ts';
import { campaignCommands } from './campaign-commands.ts';
import type { Run } from './command.ts';
import { companyCommands } from './company-commands.ts';
import { dialerCommands } from './dialer-commands.ts';
import { keyCommands } from './key-commands.ts';
import { leadCommands } from './lead-commands.ts';
import { purgeCommand } from './purge-command.ts';
import { sealCommands } from './seal-commands.ts';

const EXIT_CODES = `
Exit codes: 0 done · 1 refused or failed, or what was found is not as it should be · 2 wrong usage ·
78 wrong environment · 130 interrupted. Results go to standard output, everything else to standard error.`;

/** All commands. */
export function buildProgram(run: Run): Command {
  return new Command('admin')
    .description('Runs Live Feed: companies, keys, dialers, campaigns, ANIs, leads, upkeep.')
    .addCommand(companyCommands(run))
    .addCommand(keyCommands(run))
    .addCommand(dialerCommands(run))
    .addCommand(campaignCommands(run))
    .addCommand(aniCommands(run))
    .addCommand(leadCommands(run))
    .addCommand(sealCommands(run))
    .addCommand(purgeCommand(run))
    .addHelpText('after', EXIT_CODES);
}
