import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { startRawServer } from '@live-feed/dialers/testing/raw-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { submit } from '../kit/leads/lead-effects.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';

/** A redirect, from the dialing system or from something in its place, does not get the token and the lead sent elsewhere. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '4000' },
  });
});
afterAll(() => system?.stop());

async function tokenOf(companyId: string): Promise<string> {
  const { permanentToken } = await system.database.dialer.findUniqueOrThrow({ where: { companyId } });
  const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
  return keyring.unseal(permanentToken ?? '', { companyId, column: SEALED.permanentToken });
}

test.concurrent.each([
  ['HTTP/1.1 301 Moved Permanently', 'location'],
  ['HTTP/1.1 302 Found', 'location'],
  ['HTTP/1.1 303 See Other', 'location'],
  ['HTTP/1.1 307 Temporary Redirect', 'location'],
  ['HTTP/1.1 308 Permanent Redirect', 'location'],
  ['HTTP/1.1 200 OK', 'refresh: 0; url'],
  ['HTTP/1.1 305 Use Proxy', 'location'],
  ['HTTP/1.1 421 Misdirected Request', 'alt-svc: h2'],
])('%s, %s: uploads and read-backs go nowhere else', { timeout: 60_000 }, async (statusLine, header) => {
  const elsewhere = await startRawServer();
  const target = `http://127.0.0.1:${elsewhere.port}/voice/api`;
  const value = header.endsWith('url')
    ? `=${target}`
    : header.startsWith('alt')
      ? `="127.0.0.1:${elsewhere.port}"`
      : `: ${target}`;
  const home = await startRawServer({
    onRequest: (socket) => socket.write(`${statusLine}\r\n${header}${value}\r\ncontent-length: 0\r\n\r\n`),
  });
  const company = await addCompany(system, { baseUrl: `http://127.0.0.1:${home.port}/voice/api` });
  const answer = await submit(system, company, 1);
  expect([502, 504]).toContain(answer.status);

  const received = home.connections.map((connection) => connection.received).join('');
  // What would have gone astray did go somewhere.
  expect(received).toContain(await tokenOf(company.id));
  expect(received).toContain('leadLoader/direct');
  if (!statusLine.includes('421')) expect(received).toContain('leadSearch');
  expect(elsewhere.connections).toEqual([]);
});
