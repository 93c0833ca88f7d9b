import { METHODS } from 'node:http';
import fc from 'fast-check';
import type { Operation } from './api-operations.ts';
import type { Caller } from './callers.ts';
import { FORM, formsOf } from './form-bodies.ts';
import { bodiesOf, phones } from './request-bodies.ts';
import { NASTY_TEXTS, type Schema, valuesOf } from './schema-values.ts';

/** A request as it goes over the wire, well-formed as HTTP. */
export interface ApiRequest {
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
}

/** Stands in a path for a lead that the API has told of, mostly its caller's own; which one is told by the number. */
export const KNOWN_LEAD = /known-lead-(\d+)/;

/** Requests that keep to the document, and requests that nearly do, for every operation of it. */
export function apiRequests(
  operations: readonly Operation[],
  callers: readonly Caller[],
): fc.Arbitrary<ApiRequest> {
  // Made once for each pair, since that takes longer than drawing a request.
  const pairs = operations.flatMap((operation) =>
    callers.map((caller) => ({
      arbitrary: requestsFor(operation, caller),
      weight: weightOf(operation, caller),
    })),
  );
  const forms = operations.flatMap(({ form, ...operation }) =>
    form === undefined
      ? []
      : callers.map((caller) => ({
          arbitrary: fc.tuple(requestsFor(operation, caller), formsOf(form, caller)).map(asForm),
          weight: caller.forms ? 80 : 3,
        })),
  );
  return fc.oneof(...pairs, ...forms);
}

/** Most requests have a body, and who can take leads back does so. */
function weightOf({ body, method }: Operation, { right, patient }: Caller): number {
  const takesBack = patient && method === 'DELETE';
  return (right ? 5 : 1) * (body === undefined && !takesBack ? 1 : 6);
}

function asForm([request, body]: readonly [ApiRequest, Buffer]): ApiRequest {
  const headers = request.headers.filter(([name]) => name !== 'content-type');
  return { ...request, headers: [...headers, ['content-type', FORM]], body };
}

function requestsFor(operation: Operation, caller: Caller): fc.Arbitrary<ApiRequest> {
  return fc
    .record({
      method: rarely(fc.constantFrom(...METHODS.filter((method) => method !== 'CONNECT')), operation.method),
      path: pathsOf(operation),
      query: queriesOf(operation.query, caller),
      headers: headersOf(operation, caller),
      body: bodiesOf(operation, caller),
    })
    .map(({ method, path, query, headers, body }) => ({
      caller,
      method,
      path: path + query,
      headers: [
        ...(caller.authorization === null ? [] : [['authorization', caller.authorization] as const]),
        ...headers,
      ],
      body,
    }));
}

/** One in so many. */
function sometimes<T>(oneIn: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary, weight: 1 }, { arbitrary: fc.constant(null), weight: oneIn - 1 });
}

function rarely<T>(seldom: fc.Arbitrary<T>, mostly: T): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: seldom, weight: 1 }, { arbitrary: fc.constant(mostly), weight: 24 });
}

/** What may stand in a request line: no space, no control character. */
const encoded = (text: string) => encodeURIComponent(Buffer.from(text).toString());

function pathsOf({ path }: Operation): fc.Arbitrary<string> {
  const known = fc.nat(1_000_000).map((n) => `known-lead-${n}`);
  const ids = fc.oneof(
    { arbitrary: known, weight: 6 },
    { arbitrary: fc.uuid({ version: [4, 7] }), weight: 1 },
    { arbitrary: fc.constantFrom(...NASTY_TEXTS).map(encoded), weight: 1 },
    {
      arbitrary: fc.constantFrom('%', '%zz', '%00', '%ff', 'a/b', '..', '%2e%2e%2f', 'x'.repeat(5_000)),
      weight: 1,
    },
  );
  const whole = ids.map((id) => path.replace(/\{\w+\}/, id));
  const astray = fc
    .tuple(
      whole,
      fc.constantFrom('/', '//', '/..', '%2F', ';x=1', '#x', '%', '%c0%ae', '?', '/x'.repeat(500)),
    )
    .map(([start, end]) => start + end);
  return fc.oneof({ arbitrary: whole, weight: 15 }, { arbitrary: astray, weight: 1 });
}

/** What is known of the document's query; others get any text that is valid. */
const SENSIBLE_QUERIES: Readonly<Record<string, (caller: Caller) => fc.Arbitrary<string>>> = {
  phone: () => phones,
  campaignId: ({ campaignId }) => fc.constant(campaignId),
};

function queriesOf(query: Readonly<Record<string, Schema>>, caller: Caller): fc.Arbitrary<string> {
  const pairs = Object.entries(query).map(([name, schema]) => {
    const valid = valuesOf(schema).map(String);
    const values = fc.oneof(
      { arbitrary: SENSIBLE_QUERIES[name]?.(caller) ?? valid, weight: 3 },
      { arbitrary: valid, weight: 1 },
      { arbitrary: fc.constantFrom(...NASTY_TEXTS), weight: 1 },
    );
    return sometimes(
      4,
      values.map((value) => `${name}=${encoded(value)}`),
    );
  });
  const odd = fc.constantFrom(
    'state=QUEUED&state=SENDING',
    '__proto__[x]=1',
    'cursor',
    '%zz=%zz',
    '&&=&',
    'x=%00',
  );
  return fc.tuple(...pairs, sometimes(10, odd)).map((all) => {
    const given = all.filter((pair) => pair !== null);
    return given.length === 0 ? '' : `?${given.join('&')}`;
  });
}

/** Latin-1 without control characters: what can be in a header at all. */
const headerTexts = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .map((code) => (code === 0x7f ? ' ' : String.fromCharCode(code))),
    maxLength: 300,
  })
  .map((text) => text.trim());

/** What is known of the headers of the document; others get any text. */
const SENSIBLE: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'x-request-id': fc.stringMatching(/^[A-Za-z0-9._~:@/+=-]{1,140}$/),
  prefer: fc.constantFrom(
    ...['respond-async', 'wait=0', 'respond-async, wait=0', 'wait="0"; x=y', 'wait=1', 'wait=99999999999'],
    ...['handling=dry-run', 'respond-async, handling="dry-run"', 'handling=strict'],
  ),
  'idempotency-key': fc.oneof(
    fc.nat(200).map(String),
    fc.uuid(),
    fc.constant('x'.repeat(256)),
    fc.constant('""'),
  ),
};

const HEADERS_OF_OTHERS: readonly (readonly [string, string])[] = [
  ['expect', '100-continue'],
  ['expect', 'the spanish inquisition'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'identity'],
  ['accept', 'application/xml'],
  ['accept-encoding', 'gzip, br'],
  ['upgrade', 'websocket'],
  ['x-http-method-override', 'DELETE'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'elsewhere.example'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['authorization', 'Bearer x'],
];

function headersOf(
  operation: Operation,
  caller: Caller,
): fc.Arbitrary<readonly (readonly [string, string])[]> {
  const own = operation.headers.map((name) => {
    const sensible = SENSIBLE[name] ?? headerTexts;
    // A lead that is kept would be waited for until the deadline.
    if (caller.patient && name === 'prefer')
      return fc.constantFrom('respond-async', 'wait=0').map((value) => [[name, value] as const]);
    return sometimes(
      3,
      fc.oneof({ arbitrary: sensible, weight: 4 }, { arbitrary: headerTexts, weight: 1 }),
    ).map((value) => (value === null ? [] : [[name, value] as const]));
  });
  const type = rarely(
    fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/json, text/plain',
      ';',
      '',
    ),
    'application/json',
  );
  const others = sometimes(10, fc.constantFrom(...HEADERS_OF_OTHERS));
  return fc
    .tuple(type, others, ...own)
    .map(([contentType, other, ...given]) => [
      ...(operation.body === undefined ? [] : [['content-type', contentType] as const]),
      ...(other === null ? [] : [other]),
      ...given.flat(),
    ]);
}
