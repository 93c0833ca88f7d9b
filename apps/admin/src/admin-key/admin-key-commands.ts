import { Option } from '@commander-js/extra-typings';
import { ROLES } from '@live-feed/core/directory/role';
import { adminKeyIssue, adminKeyList, adminKeyRevoke } from '@live-feed/operations/admin-key/admin-keys';
import { choice, duration, id, shortText } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { facts, table } from '../terminal/report.ts';

const EVERY = 'all companies';

export function adminKeyCommands(run: Run) {
  return group('admin-key')
    .addCommand(
      leaf('issue', 'create a key and print it, once')
        .argument('<label>', 'who has it: its name in the audit log', as(shortText(100)))
        .addOption(
          new Option('--role <role>', 'what it may do')
            .choices(ROLES)
            .argParser(as(choice(ROLES)))
            .makeOptionMandatory(),
        )
        .option('--company <company>', 'the only company that it reaches, by name or id')
        .option('--expires-in <duration>', 'lifetime, such as 90d', as(duration({ min: '1m', max: '3650d' })))
        .addHelpText(
          'after',
          '\nExample:\n  admin admin-key issue "Reports of Acme" --role viewer --company "Acme Solar"',
        )
        .action((label, { role, company, expiresIn, ...options }) =>
          run(options, async (session) => {
            const data = await session.perform(adminKeyIssue, {
              label,
              role,
              company,
              expiresInMs: expiresIn,
            });
            const lines = facts([
              ['key', data.key],
              ['id', data.id],
              ['label', data.label],
              ['role', data.role],
              ['reaches', data.company ?? EVERY],
              ['expires', data.expiresAt],
            ]);
            return { text: `${lines}\n\nThe key is not shown again: store it now.`, data };
          }),
        ),
    )
    .addCommand(
      leaf('list', 'list keys with what they may do, and when they were used').action((options) =>
        run(options, async (session) => {
          const { keys } = await session.perform(adminKeyList, {});
          return {
            text: table(
              ['id', 'label', 'role', 'reaches', 'ends in', 'last used', 'expires', 'revoked'],
              keys.map((key) => [
                ...[key.id, key.label, key.role, key.companyName ?? EVERY, `…${key.hint}`],
                ...[key.lastUsedAt, key.expiresAt, key.revokedAt],
              ]),
              `There is no key yet. Create one: ${hint`admin-key issue --help`}`,
            ),
            data: keys,
          };
        }),
      ),
    )
    .addCommand(
      leaf('revoke', 'revoke a key, at once')
        .argument('<key-id>', 'as "admin-key list" shows it', as(id()))
        .action((keyId, options) =>
          run(options, async (session) => {
            const data = await session.perform(adminKeyRevoke, { id: keyId });
            return { text: `Revoked the key ${keyId}.`, data };
          }),
        ),
    );
}
