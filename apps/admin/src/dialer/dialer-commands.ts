import { Option } from '@commander-js/extra-typings';
import { PHONE_FORMATS } from '@live-feed/core/directory/dialer-settings';
import { FAMILIES } from '@live-feed/dialers/families';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { accountId, baseUrl } from '@live-feed/operations/dialer/dialer-values';
import {
  type Defaults,
  forwardedFields,
  type Mapping,
  mapping,
  uploadDefault,
} from '@live-feed/operations/dialer/written-settings';
import { duration, rateWindows, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { fieldsCommand, mapCommand } from '../intake/map-command.ts';
import { as } from '../terminal/arguments.ts';

export function dialerCommands(run: Run) {
  return group('dialer')
    .addCommand(connectCommand(run))
    .addCommand(setCommand(run))
    .addCommand(mapCommand(run))
    .addCommand(fieldsCommand(run))
    .addCommand(accountsCommand(run))
    .addCommand(
      leaf('list', 'list dialers with how they stand, troubled ones first')
        .option('--company <company>', "name or id, or its dialer's id")
        .action(({ company, ...options }) =>
          run(options, async (session) => (await import('./dialer-list.ts')).listDialers(session, company)),
        ),
    )
    .addCommand(
      leaf('show', 'show its configuration, whether it may send now, and its backlog')
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-show.ts')).showDialer(session, company)),
        ),
    )
    .addCommand(
      leaf('test', 'make one harmless authenticated request to the dialing system, and report what is wrong')
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-test.ts')).testDialer(session, company)),
        ),
    )
    .addCommand(
      leaf('hold', 'stop sending for a while; leads wait')
        .argument('<company>', "name or id, or its dialer's id")
        .addOption(
          new Option('--for <duration>', 'how long')
            .argParser(as(duration({ min: '1s', max: '7d' })))
            .default(1_800_000, '30m'),
        )
        .requiredOption('--reason <text>', 'why; shown to everybody', as(shortText()))
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
      leaf('release', 'send again at once: ends a hold and a pause, and resets the failure count')
        .argument('<company>', "name or id, or its dialer's id")
        .action((company, options) =>
          run(options, async (session) => (await import('./dialer-hold.ts')).releaseDialer(session, company)),
        ),
    )
    .addCommand(
      leaf(
        'drain',
        'stop it for good: pause it, give back promised leads that were not sent, wait for the rest',
      )
        .argument('<company>', "name or id, or its dialer's id")
        .option('--yes', 'do it; without it, only show how many leads would be given back')
        .addOption(
          new Option('--wait <duration>', 'how long to wait for uploads and callers under way')
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

function connectCommand(run: Run) {
  return leaf(
    'connect',
    'from nothing to the first lead: add company and dialer, test it, read its campaigns, issue a key',
  )
    .argument('<company>', 'the name that people use; a new one is added', as(shortText()))
    .addOption(
      new Option('--family <family>', 'the dialing system').choices(FAMILIES.map(({ name }) => name)),
    )
    .option('--base-url <url>', 'of the voice API: https://ringcx.ringcentral.com/voice/api', as(baseUrl))
    .option(
      '--account <id>',
      "the sub-account's id; the only one of the credentials if left out",
      as(accountId),
    )
    .option('--token-file <file>', 'file with the API token; "-" reads standard input, or asks on a terminal')
    .option('--jwt-file <file>', 'instead of a token: see "dialer set --help"')
    .option('--campaign <id>', 'a campaign to add by hand, and to use in the example', as(campaignId))
    .option(
      '--every <duration>',
      'have workers read the campaigns again and again, such as 15m',
      as(duration({ min: '1m', max: '1d' })),
    )
    .option('--new-key', 'issue a key although the company has one')
    .addHelpText(
      'after',
      '\nWhat no option says is asked for on a terminal. Run it again if a step has failed.\n\nExample:\n  admin dialer connect "Acme Solar" --family ringcx --jwt-file ./acme.json --every 15m',
    )
    .action((company, options) =>
      run(options, async (session) =>
        (await import('./dialer-connect.ts')).connectDialer(session, company, options),
      ),
    );
}

function accountsCommand(run: Run) {
  return leaf('accounts', 'list the accounts that a token or credential may use, before a dialer is set up')
    .addOption(
      new Option('--family <family>', 'the dialing system')
        .choices(FAMILIES.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .requiredOption('--base-url <url>', 'of the voice API', as(baseUrl))
    .option('--token-file <file>', 'file with the API token; "-" reads standard input, or asks on a terminal')
    .option('--jwt-file <file>', 'instead of a token: see "dialer set --help"')
    .action((options) =>
      run(options, async (session) => (await import('./dialer-accounts.ts')).listAccounts(session, options)),
    );
}

function setCommand(run: Run) {
  return leaf('set', 'give a company its dialer, or change some of its settings')
    .argument('<company>', "name or id, or its dialer's id")
    .addOption(
      new Option('--family <family>', 'the dialing system').choices(FAMILIES.map(({ name }) => name)),
    )
    .option('--base-url <url>', 'of the voice API: https://ringcx.ringcentral.com/voice/api', as(baseUrl))
    .option('--account <id>', "the sub-account's id", as(accountId))
    .option('--token-file <file>', 'file with the API token; "-" reads standard input, or asks on a terminal')
    .option(
      '--jwt-file <file>',
      'instead of a token, file with {"clientId": …, "clientSecret": …, "jwt": …}, to sign in at RingCentral; "-" as for --token-file',
    )
    .option(
      '--upload-default <name=value>',
      'upload option for callers that give none; may be repeated; "name=" removes it',
      (text, others: Defaults | undefined): Defaults => ({ ...others, ...as(uploadDefault)(text) }),
    )
    .option(
      '--forward <fields>',
      'further fields that are sent on, such as leadPriority,maxPasses; all of them, or none',
      as(forwardedFields),
    )
    .option(
      '--map <option.value=word>',
      'what is sent for a value that callers send: dialPriority.FIRST_PASS=IMMEDIATE; may be repeated; "…=" removes it',
      (text, others: Mapping | undefined): Mapping => ({ ...others, ...as(mapping)(text) }),
    )
    .addOption(
      new Option('--phone-format <format>', 'whether leads have their number as E.164 too').choices(
        PHONE_FORMATS,
      ),
    )
    .option('--max-in-flight <number>', 'maximum number of uploads at once', as(wholeNumber(1, 64)))
    .option('--max-leads <number>', 'maximum number of leads per upload', as(wholeNumber(1, 1_000)))
    .option('--windows <list>', 'rate windows such as 30/10s,120/60s; none; documented', as(rateWindows()))
    .addOption(
      new Option('--on-unverifiable <what>', 'if the dialing system cannot be asked about a lead').choices([
        'park',
        'resend',
      ] as const),
    )
    .option('--force', 'change the account or address although leads may be on the old one')
    .addHelpText(
      'after',
      '\nExample:\n  admin dialer set "Acme Solar" --family ringcx --base-url https://ringcx.ringcentral.com/voice/api \\\n    --account 12345678 --token-file ./acme.token',
    )
    .action((company, options) =>
      run(options, async (session) => (await import('./dialer-set.ts')).setDialer(session, company, options)),
    );
}
