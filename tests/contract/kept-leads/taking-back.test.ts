import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { connectRaw } from '../../kit/http/raw-http.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, section 8: a promised lead can be taken back until it is sent. */

let system: System;
let queues: Queues;

useSystem({ environment: { INGRESS_DEADLINE_MS: '3000' } }, (started) => {
  ({ system, queues } = started);
});

function takeBack(leadId: string, { key }: Company): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${leadId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
  });
}

/** A company whose leads wait, and a lead that it was promised. */
async function promised(): Promise<{ company: Company; leadId: string }> {
  const company = await addCompanyWithoutPermits(system, queues);
  const answer = await submit(system, company, 1);
  expect(answer.status).toBe(504);
  return { company, leadId: leadIdOf(answer) };
}

/** The same, for a caller who does not wait for an answer. */
async function kept(): Promise<{ company: Company; leadId: string }> {
  const company = await addCompany(system);
  await (await queues.of(company)).pause();
  const headers = { prefer: 'respond-async' };
  const answer = await post(system, leadNumber(1, company.campaignId), { key: company.key, headers });
  expect(answer.status).toBe(202);
  return { company, leadId: leadIdOf(answer) };
}

const GIVEN_BACK = { status: 200, body: { state: 'ABANDONED', outcome: 'GIVEN_BACK' } };
const NOT_GIVEN_BACK = { status: 409, body: { code: 'NOT_GIVEN_BACK', retryable: false } };

describe('DELETE /live-feed/leads/{leadId}', () => {
  test.concurrent('a promised lead is given back, its job goes, and it is never sent', async () => {
    const { company, leadId } = await promised();
    expect(await takeBack(leadId, company)).toMatchObject(GIVEN_BACK);
    const queue = await queues.of(company);
    expect(await queue.getJob(leadId)).toBeUndefined();
    await givePermits(system, queues, company);
    expect((await submit(system, company, 2)).status).toBe(200);
    expect(await storedLeadIds(system, company)).not.toContain(leadId);
    // A caller whose first answer was lost asks again.
    expect(await takeBack(leadId, company)).toMatchObject(GIVEN_BACK);
  });

  test.each([
    ['a content type and no body', ['content-type: application/json'], ''],
    ['a content type and an empty body', ['content-type: application/json', 'content-length: 0'], ''],
    [
      'an empty body in chunks',
      ['content-type: application/json', 'transfer-encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['JSON', ['content-type: application/json', 'content-length: 2'], '{}'],
    [
      'JSON in chunks',
      ['content-type: application/json', 'transfer-encoding: chunked'],
      '2\r\n{}\r\n0\r\n\r\n',
    ],
    ['what is no JSON', ['content-type: application/json', 'content-length: 1'], '{'],
    ['text', ['content-type: text/plain', 'content-length: 4'], 'text'],
    ['a form', ['content-type: application/x-www-form-urlencoded', 'content-length: 3'], 'a=b'],
    ['no type', ['content-length: 4'], 'text'],
    ['what is no type', ['content-type: ;;', 'content-length: 4'], 'text'],
    ['a coding', ['content-type: application/json', 'content-encoding: gzip', 'content-length: 2'], '{}'],
    ['a large one', ['content-type: application/json', 'content-length: 70000'], ' '.repeat(70_000)],
    ['an invitation', ['content-type: application/json', 'content-length: 2', 'expect: 100-continue'], '{}'],
  ])('a body is not looked at, and the connection serves on: %s', async (_case, headers, body) => {
    const { company, leadId } = await kept();
    const connection = await connectRaw(system.ingresses[0]?.url ?? '');
    onTestFinished(() => connection.destroy());
    const to = { method: 'DELETE', path: `/live-feed/leads/${leadId}` };
    const head = ['host: ingress', `authorization: Bearer ${company.key}`];
    connection.send([`DELETE ${to.path} HTTP/1.1`, ...head, ...headers]);
    if (headers.includes('expect: 100-continue')) expect((await connection.answer(to)).status).toBe(100);
    connection.send(body);
    expect(await connection.answer(to)).toMatchObject(GIVEN_BACK);
    connection.send([`GET ${to.path} HTTP/1.1`, ...head, 'content-type: application/json']);
    expect(await connection.answer({ ...to, method: 'GET' })).toMatchObject({ status: 200 });
  });

  test('a parameter that it does not have is refused, and the lead is left alone', async () => {
    const { company, leadId } = await kept();
    const answer = await takeBack(`${leadId}?dryRun=true`, company);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'VALIDATION_FAILED',
        issues: [{ path: 'dryRun', message: 'There is no such parameter; the parameters are: inDialer' }],
      },
    });
    expect((await rowOf(system, leadId))?.state).toBe('QUEUED');
    expect(await takeBack(leadId, company)).toMatchObject(GIVEN_BACK);
  });

  test.concurrent('its job could not be removed: the worker that takes it obeys the row', async () => {
    const { company, leadId } = await promised();
    const queue = await queues.of(company);
    const job = await queue.getJob(leadId);
    expect(await takeBack(leadId, company)).toMatchObject(GIVEN_BACK);
    await queue.add('lead', job?.data, { jobId: leadId });
    await givePermits(system, queues, company);
    await waitFor(async () => (await queue.getJobState(leadId)) === 'completed');
    expect(await rowOf(system, leadId)).toMatchObject({ state: 'ABANDONED', attempt: 0 });
    expect(await storedLeadIds(system, company)).toEqual([]);
  });

  test.concurrent('a lead that is being sent, or was, is left alone', async () => {
    const company = await addCompany(system);
    const { campaignId } = company;
    const fault = { kind: 'delay', ms: 900 };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, fault }] });
    const answer = submit(system, company, 1);
    const row = await waitFor(() => system.database.lead.findFirst({ where: { companyId: company.id } }));
    expect(await takeBack(row.id, company)).toMatchObject(NOT_GIVEN_BACK);
    expect((await answer).status).toBe(200);
    const refused = await takeBack(row.id, company);
    expect(refused).toMatchObject({
      ...NOT_GIVEN_BACK,
      body: {
        leadId: row.id,
        statusUrl: `/live-feed/leads/${row.id}`,
        message: expect.stringContaining('DELETE with ?inDialer=cancel'),
      },
    });
    expect((await rowOf(system, row.id))?.state).toBe('ACCEPTED');
  });

  test.concurrent('another company’s lead does not exist', async () => {
    const { company, leadId } = await promised();
    const notFound = { status: 404, body: { code: 'LEAD_NOT_FOUND' } };
    expect(await takeBack(leadId, await addCompany(system))).toMatchObject(notFound);
    expect(await takeBack('no-id', company)).toMatchObject(notFound);
    await givePermits(system, queues, company);
    await untilState(system, leadId, 'ACCEPTED');
  });
});
