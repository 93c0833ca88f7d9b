import { describe, expect, test } from 'vitest';
import { isPublicAddress, urlProblem } from './address-guard.ts';

describe('isPublicAddress', () => {
  test.each([
    '8.8.8.8',
    '93.184.215.14',
    '172.32.0.1',
    '100.128.0.1',
    '2606:2800:21f:cb07::1',
    '::ffff:8.8.8.8',
  ])('%s is', (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.100.100.200', 'metadata of Alibaba'],
    ['169.254.169.254', 'metadata, link-local'],
    ['168.63.129.16', 'metadata of Azure'],
    ['192.0.0.192', 'metadata of Oracle'],
    ['192.0.2.1', 'documentation'],
    ['198.18.0.1', 'benchmarks'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'metadata of AWS'],
    ['ff02::1', 'multicast'],
    ['::ffff:127.0.0.1', 'loopback within IPv6'],
    ['::ffff:7f00:1', 'loopback within IPv6'],
    ['::ffff:169.254.169.254', 'metadata within IPv6'],
    ['::127.0.0.1', 'IPv4-compatible'],
    ['64:ff9b::a00:1', 'NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['not an address', 'nothing'],
  ])('%s is not: %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('urlProblem', () => {
  const strict = { allowPrivate: false };

  test.each(['https://hooks.example.com/leads?x=1', 'https://hooks.example.com:8443/', 'https://8.8.8.8/'])(
    '%s may be tried',
    (url) => expect(urlProblem(url, strict)).toBeUndefined(),
  );

  test.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'https://user:secret@hooks.example.com/',
    'https://hooks.example.com/#part',
    'hooks.example.com',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    `https://hooks.example.com/${'x'.repeat(2_000)}`,
  ])('%s may not', (url) => expect(urlProblem(url, strict)).toBeDefined());

  test('for tests and demos this machine may be tried, over HTTP', () => {
    expect(urlProblem('http://127.0.0.1:3000/', { allowPrivate: true })).toBeUndefined();
    expect(urlProblem('ftp://127.0.0.1/', { allowPrivate: true })).toBeDefined();
  });
});
