import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { errorAnswerSchema, loadAnswerSchema } from './api/wire.ts';
import { type Client, JANE, JOHN, startSimulator } from './test-client.ts';

const pauses: number[] = [];
let simulator: Client;

beforeEach(async () => {
  pauses.length = 0;
  simulator = await startSimulator({
    random: () => 0.5,
    pause: async (ms) => {
      pauses.push(ms);
      return true;
    },
  });
});
afterEach(() => simulator.app.close());

function uploadFault(fault: object, conditions: object = {}) {
  return simulator.scenario({ rules: [{ on: 'upload', ...conditions, fault }] });
}

function readBackFault(fault: object, conditions: object = {}) {
  return simulator.scenario({ rules: [{ on: 'readBack', ...conditions, fault }] });
}

const effects = [
  { when: 'beforeStoring', held: [] },
  { when: 'afterStoring', held: ['jane'] },
];

describe('delay', () => {
  test('waits its time and a random share of the jitter before anything is stored', async () => {
    await uploadFault({ kind: 'delay', ms: 100, jitterMs: 50 });
    expect((await simulator.upload([JANE])).status).toBe(200);
    expect(pauses).toEqual([125]);
  });

  test('stores a late upload although its client has gone', async () => {
    let elapse = () => {};
    const slow = await startSimulator({
      pause: () =>
        new Promise((resolve) => {
          elapse = () => resolve(true);
        }),
    });
    try {
      await slow.scenario({ rules: [{ on: 'upload', fault: { kind: 'delay', ms: 1 } }] });
      const gone = new AbortController();
      const upload = slow.upload([JANE], { signal: gone.signal });
      await vi.waitFor(async () => expect((await slow.control('scenario')).applied).toEqual([1]));
      gone.abort();
      await expect(upload).rejects.toThrow();
      elapse();
      await vi.waitFor(async () => expect(await slow.held()).toEqual(['jane']));
    } finally {
      await slow.app.close();
    }
  });
});

describe('status', () => {
  test.each(effects)('500 $when', async ({ when, held }) => {
    await uploadFault({ kind: 'status', status: 500, when });
    const { status, text } = await simulator.upload([JANE]);
    expect(status).toBe(500);
    errorAnswerSchema.parse(JSON.parse(text));
    expect(await simulator.held()).toEqual(held);
  });

  test.each([400, 401, 403, 404, 413, 422, 503])('%i', async (wanted) => {
    await uploadFault({ kind: 'status', status: wanted });
    expect((await simulator.upload([JANE])).status).toBe(wanted);
  });

  test('a poison lead has its whole upload refused, and no other', async () => {
    await uploadFault({ kind: 'status', status: 400 }, { match: { phone: '5551234568' } });
    expect((await simulator.upload([JANE, JOHN])).status).toBe(400);
    expect((await simulator.upload([JOHN])).status).toBe(400);
    expect((await simulator.upload([JANE])).status).toBe(200);
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('plain text', async () => {
    await uploadFault({ kind: 'status', status: 401, body: 'Jwt is expired' });
    const { headers, text } = await simulator.upload([JANE]);
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toBe('Jwt is expired');
  });

  test('429 with and without Retry-After', async () => {
    await uploadFault({ kind: 'status', status: 429 });
    expect((await simulator.upload([JANE])).headers['retry-after']).toBeUndefined();
    await uploadFault({ kind: 'status', status: 429, retryAfter: 7 });
    expect((await simulator.upload([JANE])).headers['retry-after']).toBe('7');
    expect((await simulator.control('stats')).throttled).toBe(2);
  });
});

describe('hang', () => {
  test.each(effects)('$when, until the client goes', async ({ when, held }) => {
    await uploadFault({ kind: 'hang', when });
    const gone = new AbortController();
    const upload = simulator.upload([JANE], { signal: gone.signal });
    await vi.waitFor(async () => expect((await simulator.control('scenario')).applied).toEqual([1]));
    expect((await simulator.control('stats')).concurrent.upload.now).toBe(1);
    expect(await simulator.held()).toEqual(held);
    gone.abort();
    await expect(upload).rejects.toThrow();
    await vi.waitFor(async () => {
      const { concurrent, answers } = await simulator.control('stats');
      expect(concurrent.upload.now).toBe(0);
      expect(answers).toEqual({ none: 1 });
    });
  });

  test('does not keep the simulator from closing', async () => {
    await uploadFault({ kind: 'hang' });
    const upload = simulator.upload([JANE]).catch((error: unknown) => error);
    await vi.waitFor(async () => expect((await simulator.control('scenario')).applied).toEqual([1]));
    await simulator.app.close();
    expect(await upload).toBeInstanceOf(Error);
  });
});

test('a delay does not keep the simulator from closing, and stores nothing then', async () => {
  const slow = await startSimulator();
  await slow.scenario({ rules: [{ on: 'upload', fault: { kind: 'delay', ms: 86_400_000 } }] });
  const upload = slow.upload([JANE]).catch((error: unknown) => error);
  await vi.waitFor(async () => expect((await slow.control('scenario')).applied).toEqual([1]));
  await slow.app.close();
  expect(await upload).toBeInstanceOf(Error);
});

describe('reset', () => {
  test.each(effects)('$when, by a TCP reset', async ({ when, held }) => {
    await uploadFault({ kind: 'reset', when });
    // A connection that is merely closed is an ECONNRESET of Node's own ("socket hang up"), without a system call.
    await expect(simulator.upload([JANE])).rejects.toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
    expect(await simulator.held()).toEqual(held);
  });

  test('leaves later connections alone', async () => {
    await uploadFault({ kind: 'reset' }, { times: 1 });
    await expect(simulator.upload([JANE])).rejects.toThrow();
    expect((await simulator.upload([JANE])).status).toBe(200);
  });
});

describe('drip', () => {
  test('gives the good answer in pieces', async () => {
    await uploadFault({ kind: 'drip', bytes: 100, everyMs: 5 });
    const { text, pieces } = await simulator.upload([JANE]);
    expect(pieces).toBeGreaterThan(1);
    expect(loadAnswerSchema.parse(JSON.parse(text)).leadsInserted).toBe(1);
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('stops when the client goes', async () => {
    await uploadFault({ kind: 'drip', everyMs: 1_000 });
    const gone = new AbortController();
    const upload = simulator.upload([JANE], { signal: gone.signal });
    await vi.waitFor(async () => expect(await simulator.held()).toEqual(['jane']));
    gone.abort();
    await expect(upload).rejects.toThrow();
    await vi.waitFor(async () => {
      expect((await simulator.control('stats')).concurrent.upload.now).toBe(0);
    });
  });
});

describe('malformed', () => {
  test('JSON that breaks off', async () => {
    await uploadFault({ kind: 'malformed' });
    const { status, text } = await simulator.upload([JANE]);
    expect(status).toBe(200);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('a body shorter than its Content-Length', async () => {
    await uploadFault({ kind: 'malformed', form: 'truncated', when: 'beforeStoring' });
    await expect(simulator.upload([JANE])).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await simulator.held()).toEqual([]);
  });

  test.each([
    { form: 'empty', body: '' },
    { form: 'html', body: '<html><body>Scheduled maintenance</body></html>' },
    { form: 'otherShape', body: '{"status":"ok"}' },
  ])('$form', async ({ form, body }) => {
    await uploadFault({ kind: 'malformed', form });
    expect(await simulator.upload([JANE])).toMatchObject({ status: 200, text: body });
  });
});

test('a redirect shows who follows it, and with which headers', async () => {
  await uploadFault({ kind: 'redirect', location: `${simulator.url}/elsewhere` });
  const { status, headers } = await simulator.upload([JANE]);
  expect(status).toBe(307);
  await simulator.send('POST', new URL(headers.location ?? '').pathname, {});
  const { requests } = await simulator.control('requests');
  expect(requests.at(-1)).toMatchObject({ url: '/elsewhere', headers: { 'x-auth-token': '***7a6b' } });
  expect((await simulator.control('stats')).requests.other).toBe(1);
  expect(await simulator.held()).toEqual([]);
});

describe('faults of single leads', () => {
  test.each([
    { row: 'full', rejectedRows: [{ message: 'Do not call', rowData: ['john', '5551234568', 'John'] }] },
    { row: 'phone', rejectedRows: [{ message: 'Do not call', rowData: ['5551234568'] }] },
    { row: 'anonymous', rejectedRows: [{ message: 'Do not call', rowData: ['(not shown)'] }] },
    { row: 'none', rejectedRows: [] },
  ])('rejects only the lead meant, row: $row', async ({ row, rejectedRows }) => {
    await uploadFault({ kind: 'reject', message: 'Do not call', row }, { match: { phone: '5551234568' } });
    const { text } = await simulator.upload([JANE, JOHN]);
    expect(JSON.parse(text)).toMatchObject({
      leadsSupplied: 2,
      leadsAccepted: 1,
      leadsInserted: 1,
      rejectedRows,
    });
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('rejects a whole upload with status 200', async () => {
    await uploadFault({ kind: 'reject' });
    const { status, text } = await simulator.upload([JANE, JOHN]);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      leadsAccepted: 0,
      processingResult: 'Failed',
      processingStatus: 'NO_LEADS_PASSED_VALIDATION',
    });
  });

  test('accepts without inserting', async () => {
    await uploadFault({ kind: 'acceptedNotInserted' }, { match: { externId: ['john'] } });
    const { text } = await simulator.upload([JANE, JOHN]);
    expect(JSON.parse(text)).toMatchObject({ leadsAccepted: 2, leadsInserted: 1, rejectedRows: [] });
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('combine with a lost answer', async () => {
    await simulator.scenario({
      rules: [
        { on: 'upload', match: { phone: '5551234568' }, fault: { kind: 'reject' } },
        { on: 'upload', fault: { kind: 'reset', when: 'afterStoring' } },
      ],
    });
    await expect(simulator.upload([JANE, JOHN])).rejects.toThrow();
    expect(await simulator.held()).toEqual(['jane']);
  });
});

describe('read-back', () => {
  beforeEach(() => simulator.upload([JANE, JOHN]));

  test('lags behind, and then shows the lead', async () => {
    await readBackFault({ kind: 'lag', ms: 60_000 }, { times: 1 });
    expect(JSON.parse((await simulator.readBack(['jane'])).text)).toEqual([]);
    expect(JSON.parse((await simulator.readBack(['jane'])).text)).toHaveLength(1);
  });

  test('fails and is throttled, by the phone of a lead that is asked for', async () => {
    await simulator.scenario({
      rules: [
        { on: 'readBack', match: { phone: '5551234567' }, times: 1, fault: { kind: 'status', status: 503 } },
        { on: 'readBack', times: 1, fault: { kind: 'status', status: 429, retryAfter: 2 } },
      ],
    });
    expect((await simulator.readBack(['jane'])).status).toBe(503);
    expect(await simulator.readBack(['john'])).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
    });
    expect((await simulator.readBack(['jane', 'john'])).status).toBe(200);
  });

  test.each([{ kind: 'reset' }, { kind: 'malformed', form: 'truncated' }])(
    'breaks off: $kind',
    async (fault) => {
      await readBackFault(fault);
      await expect(simulator.readBack(['jane'])).rejects.toMatchObject({ code: 'ECONNRESET' });
    },
  );

  test.each(['leads', 'data'])('answers in the form of {%s: […]}', async (readBackForm) => {
    await simulator.scenario({ readBackForm });
    const answer = JSON.parse((await simulator.readBack(['jane'])).text);
    expect(answer[readBackForm]).toMatchObject([{ externId: 'jane' }]);
  });

  test('an upload fault leaves it alone', async () => {
    await uploadFault({ kind: 'status', status: 500 });
    expect((await simulator.readBack(['jane'])).status).toBe(200);
  });
});

describe('a page of something in front', () => {
  test.each(effects)('has any status; %j', async ({ when, held }) => {
    await uploadFault({ kind: 'page', status: 404, retryAfter: 3, when });
    const { status, headers, text } = await simulator.upload([JANE]);
    expect({ status, type: headers['content-type'], retryAfter: headers['retry-after'] }).toMatchObject({
      status: 404,
      type: expect.stringContaining('text/html'),
      retryAfter: '3',
    });
    expect(text).toMatch(/^<!DOCTYPE html>/);
    expect(await simulator.held()).toEqual(held);
  });

  test('comes before the lead is stored, and to searches as well', async () => {
    await uploadFault({ kind: 'page' });
    expect((await simulator.upload([JANE])).status).toBe(403);
    expect(await simulator.held()).toEqual([]);
    await readBackFault({ kind: 'page', status: 200 });
    expect(await simulator.readBack(['jane'])).toMatchObject({
      status: 200,
      text: expect.stringContaining('<h1>'),
    });
  });
});

describe('the good answer in an odd form', () => {
  const good = { leadsSupplied: 1, leadsAccepted: 1, leadsInserted: 1 };

  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['deflate', 'deflate', inflateSync],
    ['rawDeflate', 'deflate', inflateRawSync],
  ])('encoded: %s', async (coding, name, decode) => {
    await uploadFault({ kind: 'encoded', coding });
    const { headers, bytes } = await simulator.upload([JANE]);
    expect(headers['content-encoding']).toBe(name);
    expect(JSON.parse(decode(bytes).toString())).toMatchObject(good);
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('encoded: what nobody can decode, and what nobody should', async () => {
    await uploadFault({ kind: 'encoded', coding: 'unknown' });
    expect((await simulator.upload([JANE])).headers['content-encoding']).toBe('x-simulated');
    await uploadFault({ kind: 'encoded', coding: 'bomb' });
    const { bytes } = await simulator.upload([JOHN]);
    expect(bytes.length).toBeLessThan(100_000);
    expect(gunzipSync(bytes).length).toBe(64 * 1024 * 1024);
  });

  test.each(effects)('with other members; %j', async ({ when, held }) => {
    const members = { leadsInserted: 0, processingResult: 'FAILED', more: [null] };
    await uploadFault({ kind: 'altered', members, when });
    expect(JSON.parse((await simulator.upload([JANE])).text)).toMatchObject({ ...good, ...members });
    expect(await simulator.held()).toEqual(held);
  });

  test.each([
    ['nested', 10_000, '"nested":[[[['],
    ['rows', 3, '"rejectedRows":[{"message":"no","rowData":["(not shown)"]},{'],
    ['members', 3, '"m0":0,"m1":1,"m2":2'],
    ['text', 3, '"text":"xxx"'],
  ])('bloated: %s', async (form, count, part) => {
    await uploadFault({ kind: 'bloated', form, count });
    const { text } = await simulator.upload([JANE]);
    expect(text).toContain(part);
    expect(JSON.parse(text)).toMatchObject(good);
    await readBackFault({ kind: 'bloated', form, count });
    const found = JSON.parse((await simulator.readBack(['jane'])).text);
    expect(found).toMatchObject([{ externId: 'jane' }, expect.anything()]);
  });

  test.each(['utf8', 'utf16le', 'latin1'] as const)('these very bytes: %s', async (charset) => {
    const body = ' {"leadsAccepted":1.0, "name":"Zoë"}\n';
    await uploadFault({ kind: 'verbatim', body, charset, contentType: 'application/x' });
    const { status, headers, bytes } = await simulator.upload([JANE]);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/x' });
    expect(bytes).toEqual(Buffer.from(body, charset));
  });
});
