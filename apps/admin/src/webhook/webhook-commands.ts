import { Option } from '@commander-js/extra-typings';
import { WEBHOOK_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { MOST_EVENTS } from '@live-feed/core/webhook/webhook-settings';
import { duration, id, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { webhookEvents } from './webhook-arguments.ts';

const WEBHOOK = 'its id, as "webhook list" shows it';

const EVENTS = new Option('--events <types>', `"all", or some of ${WEBHOOK_EVENTS.join(', ')}`).argParser(
  as(webhookEvents),
);
const MAX_EVENTS = new Option(
  '--max-events <number>',
  'most events in a delivery; above 1, deliveries are lists',
).argParser(as(wholeNumber(1, MOST_EVENTS)));
const HEADERS_FILE = new Option(
  '--headers-file <file>',
  'file of headers to send along, a "Name: value" on each line; empty: none; "-" reads standard input',
);

export function webhookCommands(run: Run) {
  return group('webhook')
    .addCommand(
      leaf('add', 'add an endpoint of a company, and print its secret, once')
        .argument('<company>', 'name or id')
        .argument('<url>', 'where events are posted; HTTPS')
        .addOption(EVENTS)
        .addOption(MAX_EVENTS)
        .addOption(HEADERS_FILE)
        .addHelpText(
          'after',
          '\nExample:\n  admin webhook add "Acme Solar" https://acme.example/hooks/leads --events lead.accepted,lead.rejected',
        )
        .action((company, url, options) =>
          run(options, async (session) =>
            (await import('./webhook-changes.ts')).addEndpoint(session, company, url, options),
          ),
        ),
    )
    .addCommand(
      leaf('list', 'list endpoints: whether they work, and what waits for them')
        .argument('[company]', 'name or id; all companies if left out')
        .action((company, options) =>
          run(options, async (session) =>
            (await import('./webhook-list.ts')).listEndpoints(session, company),
          ),
        ),
    )
    .addCommand(
      leaf('events', 'list events that wait for an endpoint, those that are due first')
        .argument('<webhook>', WEBHOOK, as(id()))
        .option('--limit <number>', 'maximum number of events', as(wholeNumber(1, 1_000)), 100)
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-list.ts')).listEvents(session, webhookId, options.limit),
          ),
        ),
    )
    .addCommand(
      leaf('set', 'change an endpoint, or switch it off or on')
        .argument('<webhook>', WEBHOOK, as(id()))
        .option('--url <url>', 'where events are posted; HTTPS')
        .addOption(EVENTS)
        .addOption(MAX_EVENTS)
        .addOption(HEADERS_FILE)
        .addOption(new Option('--off', 'events are neither kept nor delivered').conflicts('on'))
        .addOption(new Option('--on', 'events are delivered, those that wait as well'))
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-changes.ts')).setEndpoint(session, webhookId, options),
          ),
        ),
    )
    .addCommand(
      leaf('test', 'send one signed event of the type webhook.test now, and print the response')
        .argument('<webhook>', WEBHOOK, as(id()))
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-deliveries.ts')).testEndpoint(session, webhookId),
          ),
        ),
    )
    .addCommand(
      leaf('rotate', 'create a new secret and print it, once; for a while both sign')
        .argument('<webhook>', WEBHOOK, as(id()))
        .addOption(
          new Option('--overlap <duration>', 'how long the old secret signs as well')
            .argParser(as(duration({ min: '0s', max: '90d' })))
            .default(86_400_000, '24h'),
        )
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-changes.ts')).rotateSecret(session, webhookId, options),
          ),
        ),
    )
    .addCommand(
      leaf('remove', 'remove an endpoint, and the events that wait for it')
        .argument('<webhook>', WEBHOOK, as(id()))
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-changes.ts')).removeEndpoint(session, webhookId),
          ),
        ),
    )
    .addCommand(
      leaf('redeliver', 'deliver all events that wait, now; switches the endpoint on')
        .argument('<webhook>', WEBHOOK, as(id()))
        .option(
          '--since <duration>',
          'also events of all leads that ended or were parked since, as they stand now: those that were delivered, and those of a time when the endpoint was off',
          as(duration({ min: '1m', max: '90d' })),
        )
        .addHelpText(
          'after',
          '\nExample:\n  admin webhook redeliver 019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61 --since 2h',
        )
        .action((webhookId, options) =>
          run(options, async (session) =>
            (await import('./webhook-deliveries.ts')).redeliver(session, webhookId, options),
          ),
        ),
    );
}
