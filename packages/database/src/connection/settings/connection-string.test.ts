import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { databaseUrlSchema, readConnectionString } from './connection-string.ts';

/** A file that can be read and holds no certificate. */
const NO_PEM = encodeURIComponent(fileURLToPath(import.meta.url));

const read = (rest: string) => readConnectionString(`postgresql://${rest}`);

test.each([
  ['u:p%40ss%2F%23%25@h/db', { user: 'u', password: 'p@ss/#%', host: 'h', database: 'db' }],
  ['u:p@ss@h:5433/db', { password: 'p@ss', host: 'h', port: 5433 }],
  ['u:p@[::1]/db', { host: '::1' }],
  ['u@%2Fvar%2Frun%2Fpostgresql/db', { host: '/var/run/postgresql' }],
  [
    'u@h/db?host=/tmp&port=5434&user=v&password=w&dbname=e',
    { host: '/tmp', port: 5434, user: 'v', password: 'w', database: 'e' },
  ],
  ['u@h/a%20b', { database: 'a b' }],
  [
    'u@h/db?connect_timeout=7&application_name=mine',
    { connectionTimeoutMillis: 7_000, application_name: 'mine' },
  ],
  ['u@h/db?options=-c%20work_mem%3D8MB', { options: '-c work_mem=8MB' }],
  ['u@h/db?sslmode=disable', { ssl: false }],
  ['u@h/db?sslmode=require', { ssl: { rejectUnauthorized: false } }],
])('%s is read as libpq reads it', (rest, config) => {
  expect(read(rest).config).toMatchObject(config);
});

test('a schema and a pooler are told apart from the rest', () => {
  expect(read('u@h/db')).toMatchObject({ schema: 'public', pooled: false });
  expect(read('u@h/db?schema=leads&pgbouncer=true')).toMatchObject({ schema: 'leads', pooled: true });
});

test.each([
  ['u:hunter2%@h/db', /"%" in its password/],
  ['u:hunter2%zz@h/db', /"%" in its password/],
  ['u:12#hunter2@h/db', /escaped where/],
  ['u:12?hunter2@h/db', /escaped where/],
  ['u:12/hunter2@h/db', /escaped where/],
  ['u:hunter2@h:port/db', /must be a URL/],
  ['u:hunter2@a,b/db', /must name one host/],
  ['u:hunter2@h/db?sslmode=prefer', /sslmode.*allow and prefer protect nothing/],
  ['u:hunter2@h/db?sslmode=no-verify', /it may be disable, require, verify-ca, verify-full/],
  ['u:hunter2@h/db?sslmode=verify-ca', /must have sslrootcert/],
  ['u:hunter2@h/db?sslmode=require&sslrootcert=system', /sslmode=verify-full with sslrootcert=system/],
  ['u:hunter2@h/db?sslmode=verify-full&sslrootcert=/nowhere', /under sslrootcert that can be read/],
  ['u:hunter2@h/db?sslrootcert=/nowhere', /sslrootcert without an sslmode/],
  ['u:hunter2@h/db?sslmode=require&sslcert=/nowhere', /both sslcert and sslkey/],
  [`u:hunter2@h/db?sslmode=require&sslcert=${NO_PEM}&sslkey=${NO_PEM}`, /under sslcert and sslkey, both PEM/],
  [`u:hunter2@h/db?sslmode=verify-ca&sslrootcert=${NO_PEM}`, /certificates under sslrootcert, as PEM/],
  ['u:hunter2@h/d%00b', /%00/],
  ['u:hunter2@h/db?schema=a%00b', /%00/],
  ['u:hunter2@h/db?port=5e3', /a port from 1 to 65535/],
  ['u:hunter2@h/db?ssl=true', /parameter ssl: write sslmode/],
  ['u:hunter2@h/db?connection_limit=5', /connection_limit: .*INGRESS_DATABASE_CONNECTIONS/],
  ['u:hunter2@h/db?statement_timeout=5', /parameter statement_timeout/],
  ['u:hunter2@h/db?target_session_attrs=read-write', /target_session_attrs.*it may be any/],
  ['u:hunter2@h/db?channel_binding=require', /channel_binding.*it may be disable, prefer/],
  ['u:hunter2@h/db?schema=', /must not be empty/],
  ['u:hunter2@h/db?schema=a&schema=b', /schema twice/],
  ['u:hunter2@h/db?connect_timeout=0', /1 to 60 seconds/],
  ['u:hunter2@h/db?options=-c%20search_path%3Dx', /options with search_path.*write schema=/],
  ['u:hunter2@h/db?options=-c%20timezone%3DCET', /options with TimeZone/],
  ['u:hunter2@h/db?Hunter2=1', /a parameter without a proper name/],
])('%s is refused by name, and without the password', (rest, message) => {
  const result = databaseUrlSchema().safeParse(`postgresql://${rest}`);
  const said = result.error?.issues[0]?.message ?? 'it was taken';
  expect(said).toMatch(message);
  expect(said.toLowerCase()).not.toContain('hunter2');
});
