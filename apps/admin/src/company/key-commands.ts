import { Option } from '@commander-js/extra-typings';
import {
  API_KEY_TYPES,
  checkApiKey,
  digestApiKey,
  hintOf,
  issueApiKey,
} from '@live-feed/core/crypto/api-key';
import { keyWeakness } from '@live-feed/core/crypto/key-strength';
import {
  type ApiKeyRecord,
  addApiKey,
  findApiKey,
  listApiKeys,
  replaceApiKey,
  replaceDigest,
  revokeApiKey,
} from '@live-feed/database/directory/api-keys';
import { findKey } from '@live-feed/database/directory/lookups';
import type { Session } from '../session.ts';
import { as, choice, duration, id } from '../terminal/arguments.ts';
import { group, leaf, type Run } from '../terminal/command.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import { facts, table } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { theCompany } from './the-company.ts';

const LIFETIME = { min: '1m', max: '3650d' };
const keyType = choice(API_KEY_TYPES);
const STOPS_WITHIN = 'It opens nothing any more, everywhere within 5 seconds.';

export function keyCommands(run: Run) {
  return group('key')
    .addCommand(
      leafForNewKey('issue', 'make a new key and print it: once, and never again')
        .addHelpText('after', '\nExample:\n  admin key issue "Acme Solar" --expires-in 365d')
        .action((company, options) => run(options, (session) => issueKey(session, company, options))),
    )
    .addCommand(
      leafForNewKey(
        'import',
        'take over a key that callers have already, if it cannot be guessed; read from a file or standard input',
      )
        .option('--key-file <file>', 'where the key is; "-" is standard input, and asks on a terminal', '-')
        .addHelpText('after', '\nExample:\n  admin key import "Acme Solar" --key-file ./acme.key')
        .action((company, options) => run(options, (session) => importKey(session, company, options))),
    )
    .addCommand(
      leaf('list', 'list keys: their id, type, last two characters, and whether they open anything')
        .argument('[company]', 'name or id; all companies if left out')
        .action((name, options) =>
          run(options, async (session) => {
            const company = name === undefined ? undefined : await theCompany(session, name);
            const keys = (await listApiKeys(session.database, company?.id)).map(shown);
            return {
              text: table(
                ['id', 'company', 'type', 'ends in', 'state', 'expires', 'made'],
                keys.map((key) => [
                  ...[key.id, key.companyName, key.type, `…${key.hint}`],
                  ...[key.state, key.expiresAt, key.createdAt],
                ]),
                `There is no key yet. Make one: ${hint`key issue --help`}`,
              ),
              data: keys,
            };
          }),
        ),
    )
    .addCommand(
      leaf('revoke', 'stop a key within 5 seconds')
        .argument('<key-id>', 'as "key list" shows it', as(id()))
        .action((keyId, options) =>
          run(options, async (session) => {
            const key = await theKey(session, keyId);
            const stopped = await revokeApiKey(session.database, keyId);
            const said = stopped ? STOPS_WITHIN : 'It had been revoked before.';
            return {
              text: `Revoked the key …${key.hint} of "${key.companyName}". ${said}`,
              data: { id: keyId, revoked: stopped },
            };
          }),
        ),
    )
    .addCommand(
      leaf('rotate', 'make a key that takes the place of another, and let the old one expire')
        .argument('<key-id>', 'as "key list" shows it', as(id()))
        .addOption(
          new Option('--overlap <duration>', 'how long the old one still opens')
            .argParser(as(duration({ min: '0s', max: '90d' })))
            .default(86_400_000, '24h'),
        )
        .option('--expires-in <duration>', 'until when the new one opens anything', as(duration(LIFETIME)))
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
    .option(
      '--type <type>',
      `what it opens, ${API_KEY_TYPES.join(' or ')}; the live feed takes universal`,
      as(keyType),
      'universal',
    )
    .option('--expires-in <duration>', 'until when it opens anything, such as 90d', as(duration(LIFETIME)));
}

interface KeyOptions {
  readonly type: string;
  readonly expiresIn?: number | undefined;
}

async function issueKey(session: Session, companyName: string, { type, expiresIn }: KeyOptions) {
  const company = await theCompany(session, companyName);
  const key = issueApiKey();
  const expiresAt = expiry(expiresIn);
  const stored = { companyId: company.id, type, digest: digestApiKey(key), hint: hintOf(key), expiresAt };
  const keyId = await addApiKey(session.database, stored);
  if (keyId === undefined) throw new Refusal('The key could not be stored. Nothing was changed; try again.');
  return newKey(key, { id: keyId, company: company.name, type, expiresAt });
}

async function importKey(
  session: Session,
  companyName: string,
  { type, expiresIn, keyFile }: KeyOptions & { readonly keyFile: string },
) {
  const company = await theCompany(session, companyName);
  const key = await readSecret(session.terminal, keyFile, 'API key');
  const shape = checkApiKey(key);
  if (shape === 'malformed') {
    throw new Refusal(
      'This cannot be a key: 20 to 512 visible ASCII characters without spaces are expected, and one that begins with oiq_ must be whole. Nothing was changed.',
    );
  }
  const weakness = shape === 'valid' ? undefined : keyWeakness(key);
  if (weakness !== undefined) {
    throw new Refusal(
      `This key is not safe: ${weakness}. Have its vendor make a random one (a UUID, or 32 hexadecimal digits), or make one: ${hint`key issue --help`}. Nothing was changed.`,
    );
  }
  const expiresAt = expiry(expiresIn);
  const ending = hintOf(key);
  const [digest, former] = session.digests.apiKey(key);
  // A release before this one kept its plain digest: importing it once more replaces that, and nothing else.
  const kept =
    former === undefined ? undefined : await replaceDigest(session.database, company.id, former, digest);
  if (kept !== undefined) {
    return {
      text: `The key …${ending} was there already; it is now kept as a keyed digest. Its type and expiry are as they were.`,
      data: { ...kept, company: company.name, hint: ending },
    };
  }
  const isTaken = former !== undefined && (await findKey(session.database, former)) !== null;
  const stored = { companyId: company.id, type, digest, hint: ending, expiresAt };
  const keyId = isTaken ? undefined : await addApiKey(session.database, stored);
  if (keyId === undefined)
    throw new Refusal(`This key is there already. Nothing was changed. See: ${hint`key list`}`);
  const imported = { id: keyId, company: company.name, type, hint: ending, expiresAt };
  return { text: `Imported the key …${ending} for "${company.name}".`, data: imported };
}

async function rotateKey(
  session: Session,
  keyId: string,
  { overlap, expiresIn }: { readonly overlap: number; readonly expiresIn?: number | undefined },
) {
  const old = await theKey(session, keyId);
  const key = issueApiKey();
  const expiresAt = expiry(expiresIn);
  const replacement = { digest: digestApiKey(key), hint: hintOf(key), expiresAt };
  const replaced = await replaceApiKey(session.database, keyId, overlap, replacement);
  if (replaced === undefined) {
    throw new Refusal(
      `The key …${old.hint} opens nothing any more. Make a new one: ${hint`key issue ${old.companyName}`}`,
    );
  }
  const { oldExpiresAt } = replaced;
  const made = newKey(key, { id: replaced.id, company: old.companyName, type: old.type, expiresAt });
  return {
    text: `${made.text}\nThe old key …${old.hint} expires ${oldExpiresAt.toISOString()}.`,
    data: { ...made.data, replaces: { id: keyId, expiresAt: oldExpiresAt } },
  };
}

/** The one time that a key is seen. */
function newKey(
  key: string,
  made: {
    readonly id: string;
    readonly company: string;
    readonly type: string;
    readonly expiresAt: Date | null;
  },
) {
  const lines = facts([
    ['key', key],
    ['id', made.id],
    ['company', made.company],
    ['type', made.type],
    ['expires', made.expiresAt],
  ]);
  return { text: `${lines}\n\nThe key is not shown again: keep it now.`, data: { ...made, key } };
}

function shown(key: ApiKeyRecord) {
  const { active, ...rest } = key;
  const expired = key.expiresAt !== null && key.expiresAt.getTime() <= Date.now();
  return { ...rest, state: active ? (expired ? 'expired' : 'active') : 'revoked' };
}

function expiry(inMs: number | undefined): Date | null {
  return inMs === undefined ? null : new Date(Date.now() + inMs);
}

async function theKey({ database }: Session, keyId: string): Promise<ApiKeyRecord> {
  const key = await findApiKey(database, keyId);
  if (key !== null) return key;
  throw new Refusal(`There is no key of that id. See: ${hint`key list`}`);
}
