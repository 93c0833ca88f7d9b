import { alertConditionSchema, conditionText } from '@live-feed/core/alert/alert-condition';
import { describe, expect, test } from 'vitest';
import { readCondition } from './written-condition.ts';

describe('a condition as people write it', () => {
  test.each([
    [
      'acceptance',
      { below: '60%', for: '15m', leads: '20' },
      'acceptance below 60% over 15 minutes, of at least 20 leads',
    ],
    ['acceptance', { below: '62.5', for: '1h' }, 'acceptance below 62.5% over 1 hour, of at least 20 leads'],
    ['held', { for: '10m' }, 'dialer held for more than 10 minutes'],
    ['parked', { above: '0' }, 'more than 0 parked leads'],
    ['caps', { above: '90%' }, "more than 90% of the caller IDs' caps used up"],
    [
      'backlog',
      { above: '500', olderThan: '2m' },
      'more than 500 waiting leads, or a lead waiting for more than 2 minutes',
    ],
    ['webhook_off', {}, 'webhook switched off'],
    [
      'no_leads',
      { for: '30m', hours: 'Mon-Fri 9:00-18:00' },
      'no leads for 30 minutes (Mon, Tue, Wed, Thu, Fri 09:00 to 18:00)',
    ],
    ['no_leads', { for: '1d', hours: 'mon-sun 00:00-24:00' }, 'no leads for 1 day (daily 00:00 to 24:00)'],
  ] as const)('%s %j', (kind, written, text) => {
    const reading = readCondition(kind, written);
    expect(reading.ok && conditionText(alertConditionSchema.parse(reading.condition))).toBe(text);
  });

  test.each([
    ['acceptance', { for: '15m' }, 'below'],
    ['acceptance', { below: '101%', for: '15m' }, 'below'],
    ['held', { for: '5s' }, 'for'],
    ['held', { for: '10m', above: '3' }, 'above'],
    ['no_leads', { for: '30m', hours: 'fri-mon 09:00-18:00' }, 'hours'],
    ['no_leads', { for: '30m', hours: 'mon 18:00-09:00' }, 'hours'],
    ['no_leads', { for: '30m', hours: 'someday 09:00-18:00' }, 'hours'],
  ] as const)('%s %j is wrong in one place', (kind, written, member) => {
    const reading = readCondition(kind, written);
    expect(!reading.ok && reading.problems.map((problem) => problem.member)).toEqual([member]);
  });
});
