import fc from 'fast-check';
import type { Operation } from './api-operations.ts';
import type { Caller } from './callers.ts';
import { nearlyValid, valuesOf } from './schema-values.ts';

/** Bodies that keep to the operation's schema, that nearly do, and that are none; mostly none where none is asked for. */
export function bodiesOf({ body }: Operation, caller: Caller): fc.Arbitrary<Buffer | undefined> {
  if (body === undefined)
    return fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 24 },
      { arbitrary: brokenBodies(fc.constant({})), weight: 1 },
    );
  const aimed = fc.tuple(valuesOf(body), phones).map(([value, phone]) => aim(value, caller, phone));
  return fc.oneof(
    { arbitrary: aimed.map(bytesOf), weight: 12 },
    {
      arbitrary: fc
        .tuple(nearlyValid(body), phones)
        .map(([value, phone]) => bytesOf(aim(value, caller, phone))),
      weight: 6,
    },
    { arbitrary: valuesOf(body).map(bytesOf), weight: 1 },
    { arbitrary: fc.jsonValue().map(bytesOf), weight: 1 },
    { arbitrary: brokenBodies(aimed), weight: 2 },
  );
}

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');

/** From so many that hardly one is drawn twice: a dialer may drop a second lead of one phone. */
export const phones = fc
  .tuple(
    fc.noBias(fc.integer({ min: 2_000_000_000, max: 9_999_999_999 })).map(String),
    fc.constantFrom(
      (n: string) => n,
      (n: string) => `+1${n}`,
      (n: string) => `1-${n.slice(0, 3)}-${n.slice(3, 6)}-${n.slice(6)}`,
      (n: string) => ` (${n.slice(0, 3)}) ${n.slice(3, 6)}.${n.slice(6)} `,
    ),
  )
  .map(([phone, write]) => write(phone));

/** One of the caller's own, if it has only some. */
export function ownPhone({ phones: own }: Caller, phone: string): string {
  if (own === undefined) return phone;
  const digits = phone.replaceAll(/\D/g, '');
  return own[Number(digits.slice(-4)) % own.length] ?? phone;
}

/** Makes a value one that the caller's company could load, if it has the members for it. */
export function aim(value: unknown, caller: Caller, phone: string): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value['leads'])) {
    // A phone for each: the last digits are the place.
    const leads = value['leads'].map((lead, n) =>
      aim(lead, caller, phone.replace(/\d{3}(\D*)$/, `${100 + n}$1`)),
    );
    return { ...value, leads };
  }
  const lead = isObject(value['lead']) && typeof value['lead']['leadPhone'] === 'string';
  return {
    ...value,
    ...(typeof value['campaignId'] === 'string' ? { campaignId: caller.campaignId } : {}),
    ...(typeof value['phone'] === 'string' ? { phone: ownPhone(caller, phone) } : {}),
    ...(typeof value['prospect_phone'] === 'string' ? { prospect_phone: ownPhone(caller, phone) } : {}),
    ...(typeof value['dialer_campaign'] === 'string' ? { dialer_campaign: caller.campaignId } : {}),
    ...(lead ? { lead: { ...(value['lead'] as object), leadPhone: ownPhone(caller, phone) } } : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is no JSON in UTF-8, or only just is. */
function brokenBodies(values: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const whole = values.map(bytesOf);
  const cut = fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1)));
  const stained = fc
    .tuple(whole, fc.nat(), fc.constantFrom(0x00, 0x0a, 0x22, 0x5c, 0x7b, 0x80, 0xc0, 0xed, 0xff))
    .map(([bytes, at, byte]) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]);
    });
  const numbers = fc
    .constantFrom('1e999', '-1e999', '9'.repeat(400), `0.${'0'.repeat(400)}1`, '1E+2147483648', '-0')
    .map((number) => Buffer.from(`{"campaignId":"1","lead":{"leadPhone":${number}},"options":null}`));
  const deep = fc
    .constantFrom('[', '{"lead":', '[{"a":')
    .map((opening) => Buffer.from(opening.repeat(Math.floor(60_000 / opening.length))));
  const closed = fc.constant(Buffer.from(`${'['.repeat(32_000)}${']'.repeat(32_000)}`));
  const twice = whole.map((bytes) => Buffer.from(`{"campaignId":"twice",${bytes.subarray(1).toString()}`));
  const marked = whole.map((bytes) => Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes]));
  const large = fc.constantFrom(65_536, 65_537, 200_000).map((size) => Buffer.alloc(size, ' '));
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof(cut, stained, numbers, deep, closed, twice, marked, large, any);
}
