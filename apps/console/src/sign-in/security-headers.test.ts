import { expect, test } from 'vitest';
import { isOwnMachine, securityHeaders } from './security-headers.ts';

test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('%s is the own machine', (name) => {
  expect(isOwnMachine(name)).toBe(true);
});

test.each(['console.corp.test', 'localhost.example.com', '127.0.0.1.example.com', '10.0.0.1', ''])(
  '"%s" is another',
  (name) => {
    expect(isOwnMachine(name)).toBe(false);
  },
);

test('other windows are kept apart where browsers heed it', () => {
  expect(securityHeaders(true)['cross-origin-opener-policy']).toBe('same-origin');
  expect(securityHeaders(false)).not.toHaveProperty('cross-origin-opener-policy');
  expect(securityHeaders(false)['content-security-policy']).toContain("default-src 'none'");
});
