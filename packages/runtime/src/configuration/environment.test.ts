import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeEnvironment, EnvironmentError, readEnvironment } from './environment.ts';
import {
  durationMs,
  flag,
  headerName,
  host,
  integer,
  list,
  oneOf,
  origin,
  port,
  text,
  url,
} from './environment-kinds.ts';

const schema = z.object({
  DATABASE_URL: url(['postgresql', 'postgres']).describe('where leads are kept'),
  PORT: port().default(3000).describe('where callers connect'),
  DEADLINE_MS: durationMs({ min: 1_000 }).describe('when a caller is answered at the latest').default(25_000),
  SEAL_KEYS: text().describe('keys that seal leads'),
  OPTIONAL_LABEL: text().optional(),
});

const complete = { DATABASE_URL: 'postgresql://localhost/live_feed', SEAL_KEYS: 'k1:secret' };

function errorOf(source: Record<string, string | undefined>): EnvironmentError {
  try {
    readEnvironment(schema, source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('The environment was accepted.');
}

describe('readEnvironment', () => {
  it('gives typed values and defaults, and leaves out what it does not know', () => {
    expect(readEnvironment(schema, { ...complete, PORT: ' 8080 ', HOME: '/home/jane' })).toEqual({
      ...complete,
      PORT: 8080,
      DEADLINE_MS: 25_000,
    });
  });

  it('takes an empty or blank value as not set', () => {
    expect(readEnvironment(schema, { ...complete, PORT: '', OPTIONAL_LABEL: ' ' })).toMatchObject({
      PORT: 3000,
    });
    expect(errorOf({ ...complete, SEAL_KEYS: '' }).problems).toEqual([
      { name: 'SEAL_KEYS', problem: 'is not set; it must be a text (keys that seal leads)' },
    ]);
  });

  it('names every missing and wrong variable at once, and what it is for', () => {
    const error = errorOf({ DATABASE_URL: 'mysql://localhost', PORT: '65536', DEADLINE_MS: '25s' });
    expect(error.message).toBe(
      [
        '4 environment variables need attention:',
        '  DATABASE_URL must be a URL that begins with postgresql:// or postgres:// (where leads are kept)',
        '  PORT must be a port, a whole number from 0 to 65535 (where callers connect)',
        '  DEADLINE_MS must be a duration in whole milliseconds from 1000 to 2147483647 (when a caller is answered at the latest)',
        '  SEAL_KEYS is not set; it must be a text (keys that seal leads)',
      ].join('\n'),
    );
  });

  it('shows no value, not even one that a hand-written check repeats', () => {
    const careless = z.object({
      KEYS: text().refine(() => false, { error: (issue) => `must be keys, but is ${issue.input}` }),
    });
    const attempt = () => readEnvironment(careless, { KEYS: 'k1:hunter2' });
    expect(attempt).toThrow('KEYS must be keys, but is ***');
    expect(errorOf({ DATABASE_URL: 'mysql://user:hunter2@host' }).message).not.toContain('hunter2');
  });
});

describe('the kinds', () => {
  const names = ['one', 'two'] as const;
  it.each([
    ['port', '0', port(), 0],
    ['port', '65535', port(), 65_535],
    ['port', '-1', port(), undefined],
    ['port', '80a', port(), undefined],
    ['port', '8e1', port(), undefined],
    ['integer', '-12', integer(), -12],
    ['integer', '1.5', integer(), undefined],
    ['integer', '0x10', integer(), undefined],
    ['integer', '9007199254740992', integer(), undefined],
    ['integer', '0', integer({ min: 1 }), undefined],
    ['integer', '5', integer({ max: 4 }), undefined],
    ['integer', '4', integer({ min: 1, max: 4 }), 4],
    ['durationMs', '0', durationMs(), 0],
    ['durationMs', '2147483648', durationMs(), undefined],
    ['flag', 'true', flag(), true],
    ['flag', 'FALSE', flag(), false],
    ['flag', '1', flag(), true],
    ['flag', '0', flag(), false],
    ['flag', 'yes', flag(), undefined],
    ['flag', 'constructor', flag(), undefined],
    ['url', 'redis://:pw@localhost:6379/0', url(['redis', 'rediss']), 'redis://:pw@localhost:6379/0'],
    ['url', 'http://localhost', url(['redis', 'rediss']), undefined],
    ['url', 'http://', url(['http']), undefined],
    ['url', 'localhost:80', url(['http']), undefined],
    ['url', 'http://user:100%25@localhost', url(['http']), 'http://user:100%25@localhost'],
    ['url', 'http://user:100%@localhost', url(['http']), undefined],
    ['url', 'http://100%zz@localhost', url(['http']), undefined],
    ['url', 'http://localhost/%', url(['http']), undefined],
    ['origin', 'https://ringcx.example', origin(), 'https://ringcx.example'],
    ['origin', 'http://127.0.0.1:3002/', origin(), 'http://127.0.0.1:3002'],
    ['origin', 'https://ringcx.example/voice', origin(), undefined],
    ['origin', 'https://user:pw@ringcx.example', origin(), undefined],
    ['origin', 'https://ringcx.example?a', origin(), undefined],
    ['origin', 'ftp://ringcx.example', origin(), undefined],
    ['host', '0.0.0.0', host(), '0.0.0.0'],
    ['host', '::1', host(), '::1'],
    ['host', 'localhost', host(), 'localhost'],
    ['host', 'ingress-1.internal', host(), 'ingress-1.internal'],
    ['host', '[::1]', host(), undefined],
    ['host', '127.0.0.1:3000', host(), undefined],
    ['host', '256.0.0.1', host(), undefined],
    ['host', '10.0.0.0/8', host(), undefined],
    ['host', 'http://localhost', host(), undefined],
    ['host', '*', host(), undefined],
    ['headerName', 'X-Auth-Token', headerName(), 'X-Auth-Token'],
    ['headerName', 'Authorization', headerName(), 'Authorization'],
    ['headerName', 'X Auth', headerName(), undefined],
    ['headerName', 'X-Auth:', headerName(), undefined],
    ['headerName', 'Content-Length', headerName(), undefined],
    ['oneOf', 'two', oneOf(names), 'two'],
    ['oneOf', 'Two', oneOf(names), undefined],
    ['list', 'a, b,,c ', list(), ['a', 'b', 'c']],
    ['list', ' , ', list(), undefined],
  ])('%s of %j', (_name, given, kind, expected) => {
    const reading = z.safeParse(kind, given);
    expect(reading.success ? reading.data : undefined).toEqual(expected);
  });

  it.each([
    ['port', port(), 'must be a port, a whole number from 0 to 65535'],
    ['integer at least', integer({ min: 1 }), 'must be a whole number, at least 1'],
    ['integer at most', integer({ max: 9 }), 'must be a whole number, at most 9'],
    ['flag', flag(), 'must be true or false'],
    ['oneOf', oneOf(names), 'must be one of one, two'],
    ['list', list(), 'must be a list separated by commas'],
  ])('%s says the same when it is missing as when it is wrong', (_name, kind, message) => {
    for (const given of [undefined, ',']) {
      const reading = z.safeParse(kind, given);
      expect(reading.error?.issues.map((issue) => issue.message)).toEqual([message]);
    }
  });
});

it('describes the variables in their order, wherever the description was given', () => {
  expect(describeEnvironment(schema)).toEqual([
    { name: 'DATABASE_URL', required: true, default: undefined, description: 'where leads are kept' },
    { name: 'PORT', required: false, default: '3000', description: 'where callers connect' },
    {
      name: 'DEADLINE_MS',
      required: false,
      default: '25000',
      description: 'when a caller is answered at the latest',
    },
    { name: 'SEAL_KEYS', required: true, default: undefined, description: 'keys that seal leads' },
    { name: 'OPTIONAL_LABEL', required: false, default: undefined, description: '' },
  ]);
});
