import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@live-feed/core/ids';
import { putPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { TEST_CERTIFICATE, TEST_KEY } from '@live-feed/dialers/testing/certificate';
import { expect, onTestFinished, test } from 'vitest';
import { callIngress, leadNumber } from '../kit/http/client.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';
import { addEndpoint } from '../kit/webhooks/endpoints.ts';
import { eventsOf, startReceiver, verified } from '../kit/webhooks/receiver.ts';

/** Real processes and companies' servers over HTTPS, with a certificate authority that the processes trust. It vouches for 127.0.0.1. */

const authority = join(tmpdir(), `live-feed-authority-${newId()}.pem`);
await writeFile(authority, TEST_CERTIFICATE);

let system: ProcessSystem;
useSystem(
  { processes: true, environment: { WEBHOOK_ALLOW_PRIVATE: 'true', NODE_EXTRA_CA_CERTS: authority } },
  (started) => {
    ({ system } = started);
  },
);

async function receiver(body = 'ok') {
  const started = await startReceiver((response) => void response.end(body), {
    key: TEST_KEY,
    cert: TEST_CERTIFICATE,
  });
  onTestFinished(() => started.stop());
  return started;
}

/** The same server by a name that is not in its certificate. */
const misnamed = (url: string) => url.replace('127.0.0.1', 'localhost');

const send = (company: Company, n: number) =>
  untilAdmitted(() =>
    callIngress(system.ingresses.awake()[0]?.url ?? '', '/live-feed/ringcx', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(leadNumber(n, company.campaignId)),
    }),
  );

test('a worker delivers to a server whose certificate is right, and nothing to one whose is wrong', async () => {
  const [right, wrong] = [await receiver(), await receiver()];
  const company = await addCompany(system);
  const endpoint = await addEndpoint(system, company, right.url);
  const other = await addEndpoint(system, company, misnamed(wrong.url));
  const leadId = (await send(company, 1)).headers.get('x-lead-id');
  const [request] = await waitFor(() => right.requests.length > 0 && right.requests, { what: 'a delivery' });
  if (request === undefined) throw new Error('Nothing arrived.');
  expect(verified(request, endpoint.secret)).toMatchObject({ type: 'lead.accepted', data: { leadId } });
  expect(eventsOf(right.requests)).toHaveLength(1);
  const { lastResult } = await waitFor(
    async () => {
      const row = await system.database.webhook.findUniqueOrThrow({ where: { id: other.id } });
      return row.failures > 0 && row;
    },
    { what: 'a failure' },
  );
  expect(lastResult).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await system.database.webhookEvent.count({ where: { webhookId: other.id } })).toBe(1);
  expect(wrong.requests).toEqual([]);
});

test('an ingress asks about phones where the certificate is right, and tells nothing where it is wrong', async () => {
  const [right, wrong] = [await receiver('{"allow":true}'), await receiver('{"allow":true}')];
  const [company, other] = [await addCompany(system), await addCompany(system)];
  const settings = { headers: null, timeoutMs: 5_000, cacheMs: 0, unanswered: 'refuse' } as const;
  await putPhoneCheck(system.database, company.id, { ...settings, url: right.url });
  await putPhoneCheck(system.database, other.id, { ...settings, url: misnamed(wrong.url) });
  expect((await send(company, 1)).status).toBe(200);
  expect(right.requests).toHaveLength(1);
  expect(await send(other, 1)).toMatchObject({ status: 503, body: { code: 'PHONE_CHECK_UNAVAILABLE' } });
  expect(wrong.requests).toEqual([]);
});
