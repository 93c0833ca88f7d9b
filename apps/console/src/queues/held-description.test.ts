import { expect, test } from 'vitest';
import { describeStanding } from './held-description.ts';

const fine = { heldForMs: 0, heldUntil: null, reason: null, note: null, failures: 0, probing: false };

test('says why a dialer is held, and until when', () => {
  const heldUntil = new Date(Date.UTC(2026, 10, 25, 12, 3, 10));
  expect(describeStanding({ ...fine, heldForMs: 900, heldUntil, reason: 'token_refused', failures: 5 })).toBe(
    'HELD until 2026-11-25 12:03:10 UTC: the dialing system refused the token; failures in a row: 5',
  );
});

test('says what ops noted when they held it', () => {
  const heldUntil = new Date(Date.UTC(2026, 10, 25, 12, 3, 10));
  const held = { ...fine, heldForMs: 900, heldUntil, reason: 'ops', note: 'moving accounts' } as const;
  expect(describeStanding(held)).toBe('HELD until 2026-11-25 12:03:10 UTC: by ops (moving accounts)');
});

test('says that a dialer is probed', () => {
  expect(describeStanding({ ...fine, failures: 7, probing: true })).toBe(
    'Probing with one lead at a time until an upload works; failures in a row: 7',
  );
});

test('says nothing of a dialer that is well', () => {
  expect(describeStanding(fine)).toBe('');
});
