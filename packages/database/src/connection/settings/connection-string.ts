import type pg from 'pg';
import { z } from 'zod';
import { ConnectionStringError, fail, optional, readParameters } from './connection-parameters.ts';
import { PINNED_NAMES } from './session-settings.ts';
import { tlsOf } from './tls-settings.ts';

export interface ConnectionSettings {
  readonly config: pg.ClientConfig;
  /** Where the tables are. */
  readonly schema: string;
  /** Behind a pooler that gives each transaction another session (`pgbouncer=true`). */
  readonly pooled: boolean;
}

/** A variable that holds a connection string, kept as text. */
export function databaseUrlSchema() {
  const error = 'must be a URL that begins with postgresql:// or postgres://';
  return z.string({ error }).superRefine((given, context) => {
    try {
      readConnectionString(given);
    } catch (problem) {
      const message = problem instanceof ConnectionStringError ? problem.message : error;
      context.addIssue({ code: 'custom', message });
    }
  });
}

/**
 * Reads every parameter as libpq does, or refuses it by name; none is ignored.
 *
 * @throws ConnectionStringError
 */
export function readConnectionString(text: string): ConnectionSettings {
  const url = parse(text);
  const given = readParameters(url);
  const host = given.get('host') ?? decode(url.hostname.replace(/^\[(.+)\]$/, '$1'), 'host');
  if (host.includes(',')) fail('must name one host; for a failover use a name or an address that moves');
  const config: pg.ClientConfig = {
    ...optional('host', host),
    ...optional('port', portOf(given.get('port') ?? url.port)),
    ...optional('user', given.get('user') ?? decode(url.username, 'user')),
    ...optional('password', given.get('password') ?? decode(url.password, 'password')),
    ...optional('database', given.get('dbname') ?? decode(url.pathname.slice(1), 'database')),
    ...optional('application_name', given.get('application_name')),
    ...optional('options', optionsOf(given.get('options'))),
    ...optional('ssl', tlsOf(given, host)),
    ...optional('connectionTimeoutMillis', timeoutOf(given.get('connect_timeout'))),
    ...optional('enableChannelBinding', given.get('channel_binding') === 'prefer' || undefined),
  };
  return { config, schema: given.get('schema') ?? 'public', pooled: given.get('pgbouncer') === 'true' };
}

function parse(text: string): URL {
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) {
    fail(
      'must be a URL that begins with postgresql:// or postgres://; in its password, write "@ : / ? # %" as "%40 %3A %2F %3F %23 %25"',
    );
  }
  // The server would stop reading there.
  if (/%00/.test(text)) fail('must not have %00 in it');
  const url = new URL(text);
  // These come from a password that was not escaped.
  if (url.hash !== '' || /[@/]/.test(url.pathname.slice(1)) || url.search.includes('@')) {
    fail('must have "/ ? # @" escaped where they are part of a name or a password: write "%2F %3F %23 %40"');
  }
  return url;
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : fail('must have a port from 1 to 65535');
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[1-9]$|^[1-5][0-9]$|^60$/.test(text)
    ? Number(text) * 1_000
    : fail('must have a connect_timeout of 1 to 60 seconds');
}

/** The session settings override these, so those are refused here. */
function optionsOf(text: string | undefined): string | undefined {
  const pinned = PINNED_NAMES.find((name) => text?.toLowerCase().includes(name.toLowerCase()));
  if (pinned === undefined) return text;
  return fail(
    `must not have options with ${pinned}, which is set for each connection${pinned === 'search_path' ? ': write schema=' : ''}`,
  );
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`must have every "%" in its ${what} written as "%25"`);
  }
}
