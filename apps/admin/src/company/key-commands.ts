import { Option } from '@commander-js/extra-typings';
import { API_KEY_TYPES } from '@live-feed/core/crypto/api-key';
import { choice, duration, id, shortText } from '@live-feed/operations/inputs/written';
import {
  describeLimits,
  keyCampaigns,
  keyDaily,
  keyLabel,
  keyRate,
} from '@live-feed/operations/inputs/written-key-settings';
import { keyList } from '@live-feed/operations/key/keys';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { table } from '../terminal/report.ts';
import { importKey, issueKey, revokeKey, rotateKey, setKey } from './key-changes.ts';

const LIFETIME = { min: '1m', max: '3650d' };
const keyType = choice(API_KEY_TYPES);

const LABEL = new Option(
  '--label <label>',
  'who has the key: the source of the leads that come with it',
).argParser(as(keyLabel));
const RATE = new Option('--rate <leads/time>', 'maximum rate, such as 600/min').argParser(as(keyRate));
const DAILY = new Option('--daily <leads>', 'maximum number of leads a day').argParser(as(keyDaily));
const CAMPAIGNS = new Option(
  '--campaigns <ids>',
  'the only campaigns that it may load, and whose leads it reaches: 123,456',
).argParser(as(keyCampaigns));
const DEFAULT_CAMPAIGN = new Option('--default-campaign <id>', 'for leads that name no campaign').argParser(
  as(shortText()),
);

export function keyCommands(run: Run) {
  return group('key')
    .addCommand(
      leafForNewKey('issue', 'create a key and print it, once')
        .addHelpText('after', '\nExample:\n  admin key issue "Acme Solar" --expires-in 365d')
        .action((company, options) => run(options, (session) => issueKey(session, company, options))),
    )
    .addCommand(
      leafForNewKey(
        'import',
        'take over a key that callers already use, if it cannot be guessed; from a file or standard input',
      )
        .option(
          '--key-file <file>',
          'file with the key; "-" reads standard input, or asks on a terminal',
          '-',
        )
        .addHelpText('after', '\nExample:\n  admin key import "Acme Solar" --key-file ./acme.key')
        .action((company, options) => run(options, (session) => importKey(session, company, options))),
    )
    .addCommand(
      leaf('list', 'list keys with their id, type, last two characters and state')
        .argument('[company]', 'name or id; all companies if left out')
        .action((name, options) =>
          run(options, async (session) => {
            const { keys } = await session.perform(keyList, { company: name });
            return {
              text: table(
                ['id', 'company', 'label', 'type', 'ends in', 'state', 'limits', 'expires', 'created'],
                keys.map((key) => [
                  ...[key.id, key.companyName, key.settings.label ?? null, key.type, `…${key.hint}`],
                  ...[key.state, describeLimits(key.settings), key.expiresAt, key.createdAt],
                ]),
                `There is no key yet. Create one: ${hint`key issue --help`}`,
              ),
              data: keys,
            };
          }),
        ),
    )
    .addCommand(
      leaf('set', 'change what a key may do; "none" removes a setting')
        .argument('<key-id>', 'as "key list" shows it', as(id()))
        .addOption(LABEL)
        .addOption(RATE)
        .addOption(DAILY)
        .addOption(CAMPAIGNS)
        .addOption(DEFAULT_CAMPAIGN)
        .addHelpText(
          'after',
          '\nExample:\n  admin key set 019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61 --rate 600/min --daily none',
        )
        .action((keyId, options) => run(options, (session) => setKey(session, keyId, options))),
    )
    .addCommand(
      leaf('revoke', 'revoke a key; it stops working within 5 seconds')
        .argument('<key-id>', 'as "key list" shows it', as(id()))
        .action((keyId, options) => run(options, (session) => revokeKey(session, keyId))),
    )
    .addCommand(
      leaf('rotate', 'create a key that replaces another, and let the old one expire')
        .argument('<key-id>', 'as "key list" shows it', as(id()))
        .addOption(
          new Option('--overlap <duration>', 'how long the old key still works')
            .argParser(as(duration({ min: '0s', max: '90d' })))
            .default(86_400_000, '24h'),
        )
        .option(
          '--expires-in <duration>',
          'lifetime of the new key, such as 90d; without it, the new key does not expire',
          as(duration(LIFETIME)),
        )
        .addHelpText(
          'after',
          '\nExample:\n  admin key rotate 019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61 --overlap 48h',
        )
        .action((keyId, options) => run(options, (session) => rotateKey(session, keyId, options))),
    );
}

/** A command that gives a company a key. */
function leafForNewKey(name: string, description: string) {
  return leaf(name, description)
    .argument('<company>', 'name or id')
    .addOption(LABEL)
    .addOption(RATE)
    .addOption(DAILY)
    .addOption(CAMPAIGNS)
    .addOption(DEFAULT_CAMPAIGN)
    .option(
      '--type <type>',
      `${API_KEY_TYPES.join(', ')}; the live feed accepts universal, and test for dry runs`,
      as(keyType),
      'universal',
    )
    .option('--expires-in <duration>', 'lifetime of the key, such as 90d', as(duration(LIFETIME)));
}
