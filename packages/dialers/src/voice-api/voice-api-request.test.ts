import { describe, expect, it } from 'vitest';
import { directLoadBody, directLoadUrl, leadSearchBody, leadSearchUrl } from './voice-api-request.ts';

describe('URLs', () => {
  it.each([
    ['https://ringcx.ringcentral.com/voice/api', 'https://ringcx.ringcentral.com/voice/api'],
    ['https://portal.vacd.biz/api/', 'https://portal.vacd.biz/api'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ])('below %s', (baseUrl, base) => {
    expect(directLoadUrl(baseUrl, '12', '77')?.href).toBe(
      `${base}/v1/admin/accounts/12/campaigns/77/leadLoader/direct`,
    );
    expect(leadSearchUrl(baseUrl, '12', 3, 1_000)?.href).toBe(
      `${base}/v1/admin/accounts/12/campaignLeads/leadSearch?page=3&maxRows=1000`,
    );
  });

  it('an id cannot leave its place in the path', () => {
    expect(directLoadUrl('https://host/api', 'a/../b', 'x?y#z')?.pathname).toBe(
      '/api/v1/admin/accounts/a%2F..%2Fb/campaigns/x%3Fy%23z/leadLoader/direct',
    );
    expect(directLoadUrl('https://host/api', '..', '77')).toBeUndefined();
    expect(directLoadUrl('https://host/api', '12', '.')).toBeUndefined();
    expect(leadSearchUrl('https://host/api', '..', 1, 1)).toBeUndefined();
  });

  it.each([
    '',
    'host/api',
    'ftp://host/api',
    'https://user:pass@host/api',
    'https://host/api?x=1',
    'https://host/#x',
  ])('there is none below %j', (baseUrl) => {
    expect(directLoadUrl(baseUrl, '12', '77')).toBeUndefined();
  });
});

describe('body of a direct load', () => {
  it('has the options as they are and the leads in their order', () => {
    const ids = { externId: 'a', callerId: '2125550100' };
    const body = directLoadBody({
      campaignId: '77',
      options: { dialPriority: 'IMMEDIATE', listState: 'INACTIVE' },
      leads: [
        { ...ids, phone: '2125550123', fields: { firstName: 'Ada', auxData5: ' x ' } },
        { externId: 'b', phone: '2125550124', fields: {} },
      ],
    });
    expect(body).toEqual({
      dialPriority: 'IMMEDIATE',
      listState: 'INACTIVE',
      uploadLeads: [
        { ...ids, leadPhone: '2125550123', firstName: 'Ada', auxData5: ' x ' },
        { externId: 'b', leadPhone: '2125550124' },
      ],
    });
  });

  it('leaves empty strings out, which can get a lead rejected', () => {
    const body = directLoadBody({
      campaignId: '77',
      options: { description: '', dialPriority: 'NORMAL' },
      leads: [{ externId: 'a', phone: '2125550123', callerId: '', fields: { email: '', city: 'Rome' } }],
    });
    expect(body).toEqual({
      dialPriority: 'NORMAL',
      uploadLeads: [{ externId: 'a', leadPhone: '2125550123', city: 'Rome' }],
    });
  });
});

it('has each number as E.164 too where the account asks for that', () => {
  const body = directLoadBody({
    campaignId: '77',
    options: { dialPriority: 'NORMAL', phoneNumbersI18nEnabled: true, dncTags: ['a', 'b'] },
    leads: [{ externId: 'a', phone: '2125550123', callerId: '2125550100', fields: { leadPriority: 0 } }],
  });
  expect(body).toEqual({
    dialPriority: 'NORMAL',
    phoneNumbersI18nEnabled: true,
    dncTags: ['a', 'b'],
    uploadLeads: [
      {
        externId: 'a',
        leadPhone: '2125550123',
        leadPhoneE164: '+12125550123',
        callerId: '2125550100',
        leadPriority: 0,
      },
    ],
  });
});

it.each([
  ['77', 77],
  ['north-2', 'north-2'],
  ['', ''],
  ['1e3', '1e3'],
  ['99999999999999999999', '99999999999999999999'],
])('a search names campaign %j as %j', (campaignId, sent) => {
  expect(leadSearchBody(campaignId, ['a'])).toEqual({
    campaignIds: [sent],
    externIds: ['a'],
    suppressed: 'ALL',
  });
});
