import { describe, expect, it } from 'vitest';
import { ApiError, invalidRequest } from './api-error.ts';

const bodyOf = (error: ApiError) => JSON.parse(error.bodyFor('request'));

describe('an error of the API', () => {
  it('says in words, header and body when to come back', () => {
    const soon = new ApiError('DIALER_BACKLOG', { about: 'backlog', retryAfterSeconds: 7 });
    expect(soon.message).toMatch(/nothing was taken\. Submit the lead again in 7 seconds\.$/);
    expect(soon.headers['retry-after']).toBe('7');
    expect(bodyOf(soon)).toMatchObject({ code: 'DIALER_BACKLOG', retryable: true, retryAfterSeconds: 7 });
  });

  it('names a time beyond 30 s in the body only', () => {
    const late = new ApiError('DIALER_PAUSED', { about: 'held', retryAfterSeconds: 3_600 });
    expect([late.headers['retry-after'], bodyOf(late).retryAfterSeconds]).toEqual(['30', 3_600]);
    const unknown = new ApiError('DIALER_PAUSED', { about: 'paused' });
    expect([unknown.headers['retry-after'], bodyOf(unknown).retryAfterSeconds]).toEqual(['30', null]);
    expect(unknown.message).toMatch(/Submit the lead again later\.$/);
  });

  it('needs no forecast where the time is always the same', () => {
    const busy = new ApiError('OVERLOADED', { about: 'busy', headers: { connection: 'close' } });
    expect(busy.headers).toEqual({ connection: 'close', 'retry-after': '1' });
    expect(bodyOf(busy)).not.toHaveProperty('headers');
  });

  it('shows where to look for a lead that may have been taken, and for no other', () => {
    const lead = { leadId: 'lead' };
    expect(bodyOf(new ApiError('OUTCOME_PENDING', lead)).statusUrl).toBe('/live-feed/leads/lead');
    expect(bodyOf(new ApiError('GIVEN_BACK', lead))).not.toHaveProperty('statusUrl');
  });

  it('passes the dialer’s answer on as it is, and keeps the cause to itself', () => {
    const cause = new Error('secret');
    const error = new ApiError('DIALER_REJECTED', { dialerResponse: '{"id":1.0}' }, cause);
    expect(error.bodyFor('request')).toMatch(/,"dialerResponse":\{"id":1\.0\}\}$/);
    expect(error.bodyFor('request')).not.toContain('secret');
    expect(error.cause).toBe(cause);
  });

  it('names the issues in its message, at most ten, and has all of them', () => {
    const issues = [
      { path: '', message: 'one' },
      { path: 'lead.zip', message: 'two' },
    ];
    expect(invalidRequest(issues).message).toBe('The request is not valid: body: one; lead.zip: two.');
    const many = Array.from({ length: 12 }, (_, n) => ({ path: `p${n}`, message: 'm' }));
    expect(invalidRequest(many).message).toMatch(/; p9: m; and 2 more, see issues\.$/);
    expect(bodyOf(invalidRequest(many)).issues).toEqual(many);
  });
});
