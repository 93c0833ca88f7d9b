import { describe, expect, test } from 'vitest';
import type { Exchange, ExchangeRequest } from '../../../http/exchange.ts';
import { createSignInCalls } from './sign-in-calls.ts';

const HOSTS = { platformUrl: 'https://platform.example', ringcxUrl: 'https://ringcx.example' };
const LIMITS = { connectMs: 3_000, uploadMs: 5_000 };

function answering(answer: Partial<Exchange>) {
  const requests: ExchangeRequest[] = [];
  const calls = createSignInCalls(
    async (request) => {
      requests.push(request);
      return { kind: 'answer', httpStatus: 200, body: {}, json: '{}', ...answer } as Exchange;
    },
    HOSTS,
    LIMITS,
  );
  return { calls, requests };
}

describe('requests as RingCentral documents them', () => {
  test('an access token of RingCentral', async () => {
    const { calls, requests } = answering({ body: { access_token: 'rc', expires_in: 3_600, scope: 'x' } });
    const credential = { clientId: 'id', clientSecret: 'secret:with', jwt: 'a.b.c' };
    expect(await calls.signIn(credential)).toEqual({
      kind: 'done',
      value: { token: 'rc', lifeMs: 3_600_000 },
    });
    expect(requests).toMatchObject([
      {
        url: new URL('https://platform.example/restapi/oauth/token'),
        headers: { authorization: `Basic ${btoa('id:secret:with')}` },
        encoding: 'form',
        body: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' },
      },
    ]);
  });

  test('its exchange, and the renewal', async () => {
    const body = { accessToken: 'cx', refreshToken: 'next', tokenType: 'Bearer', mainAccountId: '1' };
    const { calls, requests } = answering({ body });
    const done = { kind: 'done', value: { token: 'cx', refreshToken: 'next' } };
    expect([await calls.exchange('rc'), await calls.refresh('old')]).toEqual([done, done]);
    expect(requests.map(({ url, headers, body }) => [url.href, headers, body])).toEqual([
      [
        'https://ringcx.example/api/auth/login/rc/accesstoken?includeRefresh=true',
        {},
        { rcAccessToken: 'rc', rcTokenType: 'Bearer' },
      ],
      ['https://ringcx.example/api/auth/token/refresh', {}, { refresh_token: 'old' }],
    ]);
  });
});

describe('answers', () => {
  const broken = (phase: 'connecting' | 'written') =>
    ({ kind: 'broken', phase, cause: { by: 'error', code: 'ECONNRESET' } }) as const;

  test.each<[string, Partial<Exchange>, object]>([
    [
      'own words of refusal',
      { httpStatus: 401, body: { errorCode: 'x' } },
      { kind: 'refused', httpStatus: 401 },
    ],
    [
      'a sentence of refusal',
      { httpStatus: 401, body: 'Jwt is expired' },
      { kind: 'refused', httpStatus: 401 },
    ],
    [
      'a code of OAuth, which is named',
      { httpStatus: 400, body: { error: 'invalid_grant', error_description: 'planted' } },
      { kind: 'refused', reason: 'HTTP 400, invalid_grant' },
    ],
    ['another code, which is not', { httpStatus: 400, body: { error: 'planted' } }, { reason: 'HTTP 400' }],
    ['a page of a firewall', { httpStatus: 403, body: '<html>' }, { kind: 'failing', sent: true }],
    ['nothing', { httpStatus: 401, body: null }, { kind: 'failing', sent: true }],
    ['429', { httpStatus: 429, body: null, retryAfterMs: 7_000 }, { kind: 'throttled', retryAfterMs: 7_000 }],
    ['a failure', { httpStatus: 503, body: {} }, { kind: 'failing', sent: true }],
    ['a success without a token', { body: { accessToken: '' } }, { kind: 'failing', sent: true }],
    ['a token that is no header value', { body: { accessToken: 'a\r\nb' } }, { kind: 'failing', sent: true }],
    ['nobody there', broken('connecting'), { kind: 'failing', sent: false }],
    ['a lost answer', broken('written'), { kind: 'failing', sent: true }],
  ])('%s', async (_what, answer, expected) => {
    const { calls } = answering(answer);
    const result = await calls.exchange('secret-token');
    expect(result).toMatchObject(expected);
    for (const secret of ['secret-token', 'planted']) expect(JSON.stringify(result)).not.toContain(secret);
  });
});
