import { chown, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection } from '@live-feed/database/connection/connections';
import { describeTrouble } from '@live-feed/database/connection/trouble';
import { TEST_CERTIFICATE, TEST_KEY } from '@live-feed/dialers/testing/certificate';
import type { EmbeddedPostgres } from '@live-feed/tools/services/postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestPostgres } from '../../kit/services/database.ts';

/** A PostgreSQL with a self-signed certificate for 127.0.0.1. */

let postgres: EmbeddedPostgres & { readonly databaseUrl: string };
const root = join(tmpdir(), `live-feed-root-${process.pid}.crt`);
beforeAll(async () => {
  await writeFile(root, TEST_CERTIFICATE);
  postgres = await startTestPostgres();
  const operator = await connect('');
  const { rows } = await operator.query<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  );
  const folder = rows[0]?.folder ?? '';
  const { uid, gid } = await stat(folder);
  for (const [name, text] of Object.entries({ 'own.crt': TEST_CERTIFICATE, 'own.key': TEST_KEY })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
  for (const setting of ["ssl_cert_file = 'own.crt'", "ssl_key_file = 'own.key'", 'ssl = on']) {
    await operator.query(`ALTER SYSTEM SET ${setting}`);
  }
  await operator.end();
  await postgres.restart();
});
afterAll(() => postgres?.stop());

function connect(parameters: string, host = '127.0.0.1') {
  const url = new URL(postgres.databaseUrl);
  url.hostname = host;
  url.search = parameters;
  return openConnection({
    url: url.href,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 10_000,
    applicationName: 'test',
  });
}

test.each([
  ['sslmode=require', '127.0.0.1', true],
  [`sslmode=require&sslrootcert=${root}`, 'localhost', true],
  [`sslmode=verify-ca&sslrootcert=${root}`, 'localhost', true],
  [`sslmode=verify-full&sslrootcert=${root}`, '127.0.0.1', true],
  ['sslmode=disable', '127.0.0.1', false],
])('%s connects to %s', async (parameters, host, encrypted) => {
  const client = await connect(parameters, host);
  onTestFinished(() => client.end());
  const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  expect(rows).toEqual([{ ssl: encrypted }]);
});

test.each([
  [`sslmode=verify-full&sslrootcert=${root}`, 'localhost', /is for another host/],
  ['sslmode=verify-full', '127.0.0.1', /is not trusted/],
])('%s does not connect to %s', async (parameters, host, sentence) => {
  const error = await connect(parameters, host).then(
    () => undefined,
    (problem: unknown) => problem,
  );
  expect(describeTrouble(error)).toMatch(sentence);
});
