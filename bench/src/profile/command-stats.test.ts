import { expect, test } from 'vitest';
import { commandsBetween, parseCommandStats } from './command-stats.ts';

test('what came between two looks, the most expensive first', () => {
  const before = parseCommandStats('# Commandstats\r\ncmdstat_get:calls=5,usec=10,usec_per_call=2.00\r\n');
  const after = parseCommandStats(
    [
      '# Commandstats',
      'cmdstat_get:calls=7,usec=14,usec_per_call=2.00,rejected_calls=0',
      'cmdstat_evalsha:calls=3,usec=300,usec_per_call=100.00',
      'cmdstat_client|list:calls=1,usec=9,usec_per_call=9.00',
    ].join('\r\n'),
  );
  expect(commandsBetween(before, after)).toEqual([
    ['evalsha', { calls: 3, micros: 300 }],
    ['client|list', { calls: 1, micros: 9 }],
    ['get', { calls: 2, micros: 4 }],
  ]);
});
