import { expect, test } from 'vitest';
import { clientAddress, countedAddress, readAddress, trustOf } from './client-address.ts';

test.each([
  ['203.0.113.8', '203.0.113.8'],
  ['203.0.113.8:40001', '203.0.113.8'],
  [' 203.0.113.8 ', '203.0.113.8'],
  ['"203.0.113.8:40001"', '203.0.113.8'],
  ['::ffff:203.0.113.8', '203.0.113.8'],
  ['[::ffff:203.0.113.8]:40001', '203.0.113.8'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:80', 'fe80::1'],
])('%s is the address %s', (text, address) => {
  expect(readAddress(text)).toBe(address);
});

test.each([
  '',
  'unknown',
  '_hidden',
  '1',
  '0x7f.1',
  '203.0.113.300',
  '203.0.113.8:x',
  '[2001:db8::1',
  'ops.example:80',
  '2001:db8::1:x',
])('%s is no address, and counts as the proxy that told it', (text) => {
  expect(readAddress(text)).toBeUndefined();
  expect(clientAddress({ ip: text, socket: { remoteAddress: '::ffff:10.0.0.1' } })).toBe('10.0.0.1');
});

test('a household has all addresses of its /64, and one of IPv4', () => {
  const one = countedAddress('2001:db8:1:2::1');
  expect(countedAddress('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(one);
  expect(countedAddress('2001:db8:1:3::1')).not.toBe(one);
  expect(countedAddress('203.0.113.8')).toBe('203.0.113.8');
});

test('a proxy is trusted however its address is written, others are not', () => {
  const isTrusted = trustOf(['10.0.0.0/8', '2001:db8::/32', 'loopback']);
  for (const address of [
    '10.1.2.3',
    '::ffff:10.1.2.3',
    '10.1.2.3:5000',
    '[2001:db8::1]:5000',
    '127.0.0.1',
    '::1',
  ])
    expect([address, isTrusted(address)]).toEqual([address, true]);
  for (const address of ['11.0.0.1', 'unknown', '2001:db9::1', ''])
    expect([address, isTrusted(address)]).toEqual([address, false]);
});
