import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leadNumber, misbehave } from '../../kit/http/client.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** The contract's section 4: the dialing system's answer is passed on unchanged. To a lead that was alone in its upload, byte for byte. */

let system: System;
useSystem({ ingresses: 2 }, (started) => {
  system = started.system;
});

/** What any parser and serialiser between us and the caller would change. */
const ODD =
  '"zeta":1 ,\t"alpha":9007199254740993,"big":123456789012345678901234567890,"b":-0,"c":1.50,"d":1E+2,"alpha":"\\u0041\\/",' +
  '"text":"\\u00e9 é \\ud83d\\ude00 😀 \\u2028","__proto__":{"x":1},"nested":[ [ { } ] ]';

const answers = {
  'an acceptance': { status: 200, body: ` {"leadsAccepted":1.0,\n ${ODD}} \r\n`, answered: 200 },
  'a rejection': { status: 200, body: `{${ODD},"leadsAccepted":0}`, answered: 502 },
  'a rejection with its row': {
    status: 200,
    body: `{"leadsAccepted":0,"rejectedRows":[{"rowData":["9007199254740993"],"id":9007199254740993,"message":"No"}],${ODD}}`,
    answered: 502,
  },
  'an error': {
    status: 422,
    body: `{"timestamp":9007199254740993,"generalMessage":"No","errorCode":"x",${ODD}}`,
    answered: 502,
  },
} as const;

describe.each(Object.entries(answers))('%s', (_name, { status, body, answered }) => {
  let company: Company;
  let leadId: string;
  const idempotencyKey = randomUUID();

  beforeAll(async () => {
    company = await addCompany(system);
    const match = { campaignId: company.campaignId };
    await misbehave(system, {
      rules: [{ on: 'upload', match, fault: { kind: 'verbatim', status, body } }],
    });
  });

  function submitTo(ingress: 0 | 1): Promise<Response> {
    return fetch(`${system.ingresses[ingress]?.url}/live-feed/ringcx`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${company.key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(leadNumber(1, company.campaignId)),
    });
  }

  async function expectPassedOn(response: Response, expected: number): Promise<void> {
    const text = await response.text();
    expect(response.status).toBe(expected);
    const [, dialerResponse] = /"dialerResponse":(.*)\}$/s.exec(text) ?? [];
    expect(dialerResponse).toBe(body);
    const { length } = Buffer.from(text);
    expect(response.headers.get('content-length')).toBe(String(length));
  }

  test('to the caller who waits', async () => {
    const response = await submitTo(0);
    leadId = response.headers.get('x-lead-id') ?? '';
    expect(response.headers.get('x-upload-size')).toBe('1');
    await expectPassedOn(response, answered);
  });

  test('to one who repeats the request, at another ingress', async () => {
    const response = await submitTo(1);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    await expectPassedOn(response, answered);
  });

  test('in a batch, where each line is whole', async () => {
    const send = (accept: string) =>
      fetch(`${system.ingresses[0]?.url}/live-feed/ringcx/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json', accept },
        body: JSON.stringify({ leads: [leadNumber(2, company.campaignId)] }),
      });
    expect(await (await send('application/json')).text()).toContain(`"dialerResponse":${body}}`);
    const [line, ...more] = (await (await send('application/x-ndjson')).text()).split('\n');
    expect([JSON.parse(line ?? ''), more]).toEqual([
      expect.objectContaining({ index: 0, status: answered, dialerResponse: JSON.parse(body) }),
      [''],
    ]);
    expect(line).toContain(`"dialerResponse":${body.replaceAll(/[\r\n]/g, ' ')}}`);
  });

  test('with the lead’s status', async () => {
    const response = await fetch(`${system.ingresses[1]?.url}/live-feed/leads/${leadId}`, {
      headers: { authorization: `Bearer ${company.key}` },
    });
    await expectPassedOn(response, 200);
  });
});
