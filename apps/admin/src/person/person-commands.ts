import { Option } from '@commander-js/extra-typings';
import { ROLES } from '@live-feed/core/directory/role';
import { choice, id, shortText } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';

const PERSON = 'user name or e-mail address';
const ROLE_WORDS = 'viewer looks, operator runs what is there, admin does everything';

export function personCommands(run: Run) {
  return group('person')
    .addCommand(
      leaf('list', 'list who may sign in to the console').action((options) =>
        run(options, async (session) => (await import('./person-reports.ts')).listPeople(session)),
      ),
    )
    .addCommand(
      leaf('add', 'add somebody who may sign in to the console')
        .argument('<name>', PERSON, as(shortText(320)))
        .addOption(new Option('--role <role>', ROLE_WORDS).argParser(as(choice(ROLES))).makeOptionMandatory())
        .option('--company <company>', 'the only company that they may see; all if left out')
        .addOption(
          new Option(
            '--password-file <file>',
            'file with the password; "-" reads standard input, or asks on a terminal',
          ).default('-'),
        )
        .addOption(new Option('--no-password', 'they sign in with OpenID Connect').conflicts('passwordFile'))
        .addHelpText('after', '\nExample:\n  admin person add jo@example.com --role operator')
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).add(session, name, options)),
        ),
    )
    .addCommand(
      leaf('set', 'change what somebody may do, and for which company')
        .argument('<name>', PERSON)
        .option('--role <role>', ROLE_WORDS, as(choice(ROLES)))
        .option('--company <company>', 'the only company that they may see; "all"')
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).set(session, name, options)),
        ),
    )
    .addCommand(
      leaf('set-password', 'set the password of somebody, and end their sessions')
        .argument('<name>', PERSON)
        .option(
          '--password-file <file>',
          'file with the password; "-" reads standard input, or asks on a terminal',
          '-',
        )
        .action((name, options) =>
          run(options, async (session) =>
            (await import('./person-changes.ts')).newPassword(session, name, options),
          ),
        ),
    )
    .addCommand(
      leaf('disable', 'keep somebody from signing in, and end their sessions')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).disable(session, name)),
        ),
    )
    .addCommand(
      leaf('enable', 'let somebody sign in again')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).enable(session, name)),
        ),
    )
    .addCommand(
      leaf('remove', 'remove somebody, with their sessions')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).remove(session, name)),
        ),
    )
    .addCommand(
      leaf('sessions', 'list where somebody is signed in')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-reports.ts')).listSessions(session, name)),
        ),
    )
    .addCommand(
      leaf('end-sessions', 'end the sessions of somebody')
        .argument('<name>', PERSON)
        .option('--session <id>', 'only this one, as "person sessions" shows it', as(id()))
        .action((name, options) =>
          run(options, async (session) =>
            (await import('./person-changes.ts')).endSessions(session, name, options),
          ),
        ),
    )
    .addCommand(
      leaf('totp-on', 'print a new key for an authenticator app, and ask for its codes from now on')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).totpOn(session, name)),
        ),
    )
    .addCommand(
      leaf('totp-off', 'ask somebody for no one-time codes any more, for one: when the phone is lost')
        .argument('<name>', PERSON)
        .action((name, options) =>
          run(options, async (session) => (await import('./person-changes.ts')).totpOff(session, name)),
        ),
    );
}
