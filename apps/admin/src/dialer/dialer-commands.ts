import { Option } from '@commander-js/extra-typings';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import { FAMILIES } from '@live-feed/dialers/families';
import { as, duration, rateWindows, shortText, wholeNumber } from '../terminal/arguments.ts';
import { group, leaf, type Run } from '../terminal/command.ts';
import { accountId, baseUrl, uploadDefault } from './dialer-settings.ts';

export function dialerCommands(run: Run) {
  return group('dialer')
    .addCommand(setCommand(run))
    .addCommand(
      leaf('show', 'how it is configured, whether it may send now, and what waits for it')
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-show.ts')).showDialer(session, company)),
        ),
    )
    .addCommand(
      leaf('test', 'make one harmless authenticated request to the dialing system, and say what is wrong')
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-test.ts')).testDialer(session, company)),
        ),
    )
    .addCommand(
      leaf('hold', 'send nothing for a while; leads wait')
        .argument('<company>', "name or id, or its dialer's id")
        .addOption(
          new Option('--for <duration>', 'how long')
            .argParser(as(duration({ min: '1s', max: '7d' })))
            .default(1_800_000, '30m'),
        )
        .requiredOption('--reason <text>', 'why, for everybody who looks', as(shortText()))
        .addHelpText(
          'after',
          '\nExample:\n  admin dialer hold "Acme Solar" --for 2h --reason "maintenance at RingCX"',
        )
        .action((company, options) =>
          run(options, async (session) =>
            (await import('./dialer-hold.ts')).holdDialer(session, company, options),
          ),
        ),
    )
    .addCommand(
      leaf(
        'release',
        'send again at once: lifts a hold, whoever asked for it, forgets failures, lifts a pause',
      )
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-hold.ts')).releaseDialer(session, company)),
        ),
    )
    .addCommand(
      leaf(
        'drain',
        'stop it for good: pause it, give back every promised lead that was not sent, wait for the rest',
      )
        .argument('<company>', "name or id, or its dialer's id")
        .option('--yes', 'do it; without it, only what would be given back is told')
        .addOption(
          new Option('--wait <duration>', 'how long to wait for what is under way')
            .argParser(as(duration({ min: '0s', max: '1h' })))
            .default(60_000, '60s'),
        )
        .action((company, options) =>
          run(options, async (session) =>
            (await import('./dialer-drain.ts')).drainDialer(session, company, options),
          ),
        ),
    );
}

function setCommand(run: Run) {
  return leaf('set', 'give a company its dialer, or change what is given here of it')
    .argument('<company>', "name or id, or its dialer's id")
    .addOption(
      new Option('--family <family>', 'the dialing system').choices(FAMILIES.map(({ name }) => name)),
    )
    .option('--base-url <url>', 'of its voice API: https://ringcx.ringcentral.com/voice/api', as(baseUrl))
    .option('--account <id>', "the sub-account's id there", as(accountId))
    .option('--token-file <file>', 'where its API token is; "-" is standard input, and asks on a terminal')
    .option(
      '--upload-default <name=value>',
      'an option that leads get whose caller gave none; may be repeated; "name=" gives it up',
      (text, others: UploadOptions | undefined): UploadOptions => ({ ...others, ...as(uploadDefault)(text) }),
    )
    .option('--max-in-flight <number>', 'uploads under way at once', as(wholeNumber(1, 64)))
    .option('--max-leads <number>', 'leads in one upload', as(wholeNumber(1, 1_000)))
    .option('--windows <list>', 'rate windows such as 30/10s,120/60s; none; documented', as(rateWindows()))
    .addOption(
      new Option('--on-unverifiable <what>', 'where the dialing system cannot be asked about a lead').choices(
        ['park', 'resend'] as const,
      ),
    )
    .option('--force', 'move it to another account or address though leads may be on this one')
    .addHelpText(
      'after',
      '\nExample:\n  admin dialer set "Acme Solar" --family ringcx --base-url https://ringcx.ringcentral.com/voice/api \\\n    --account 12345678 --token-file ./acme.token',
    )
    .action((company, options) =>
      run(options, async (session) => (await import('./dialer-set.ts')).setDialer(session, company, options)),
    );
}
