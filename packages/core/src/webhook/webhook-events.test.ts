import { describe, expect, test } from 'vitest';
import { batchText, eventText } from './webhook-events.ts';

const head = { id: 'an-id', type: 'lead.accepted', createdAt: new Date('2026-11-23T15:37:24.317Z') };

describe('an event', () => {
  test('has its data as it was given, byte for byte', () => {
    const data = '{"price":1.10,"big":12345678901234567890}';
    expect(eventText(head, data)).toBe(
      `{"id":"an-id","type":"lead.accepted","timestamp":"2026-11-23T15:37:24.317Z","data":${data}}`,
    );
  });

  test('is in a list as it would be alone', () => {
    const text = eventText(head, '{}');
    expect(JSON.parse(batchText([text, text], head.createdAt))).toEqual({
      type: 'batch',
      timestamp: '2026-11-23T15:37:24.317Z',
      data: [JSON.parse(text), JSON.parse(text)],
    });
  });
});
