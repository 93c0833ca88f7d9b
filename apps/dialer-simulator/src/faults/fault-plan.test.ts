import { expect, test } from 'vitest';
import { createFaultPlanner } from './fault-plan.ts';
import type { Occasion } from './rule-match.ts';
import { scenarioSchema } from './scenario.ts';

const OCCASION: Occasion = {
  family: 'ringcx',
  accountId: '99',
  campaignIds: ['1'],
  leads: [
    { externId: 'a', phone: '5551234567' },
    { externId: 'b', phone: '5551234568' },
  ],
};

function planner(rules: object[], random: () => number = () => 0) {
  const faults = createFaultPlanner(scenarioSchema.parse({ rules }).rules, random);
  return {
    ...faults,
    upload: (occasion: Partial<Occasion> = {}) => faults.plan('upload', () => ({ ...OCCASION, ...occasion })),
  };
}

const status = (code: number) => ({ kind: 'status', status: code });

test('the first rule that applies wins, and a rule that lost is not used up', () => {
  const faults = planner([
    { on: 'upload', times: 2, fault: status(500) },
    { on: 'upload', times: 1, fault: status(429) },
  ]);
  const answers = [1, 2, 3, 4].map(() => faults.upload().answer);
  expect(answers.map((answer) => answer && 'status' in answer && answer.status)).toEqual([
    500,
    500,
    429,
    null,
  ]);
  expect(faults.applied()).toEqual([2, 1]);
});

test('a delay, a lead fault and an answer fault combine', () => {
  const plan = planner([
    { on: 'upload', fault: { kind: 'delay', ms: 10 } },
    { on: 'upload', match: { externId: 'b' }, fault: { kind: 'acceptedNotInserted' } },
    { on: 'upload', fault: { kind: 'reset' } },
  ]).upload();
  expect(plan).toMatchObject({ delayMs: 10, answer: { kind: 'reset' } });
  expect(OCCASION.leads.map((lead) => plan.ofLead(lead)?.kind)).toEqual([undefined, 'acceptedNotInserted']);
});

test.each([
  [{ family: 'newbridge' }, { family: 'newbridge' as const }],
  [{ accountId: ['1', '2'] }, { accountId: '2' }],
  [{ campaignId: '7' }, { campaignIds: ['1', '7'] }],
  [{ phone: '5550000000' }, { leads: [...OCCASION.leads, { externId: 'c', phone: '5550000000' }] }],
  [{ minLeads: 3 }, { leads: [...OCCASION.leads, ...OCCASION.leads] }],
  [{ campaignId: '7', phone: '5551234567' }, { campaignIds: ['7'] }],
])('%j applies to what it names only', (match, meant) => {
  const faults = planner([{ on: 'upload', match, fault: status(500) }]);
  expect(faults.upload().answer).toBeNull();
  expect(faults.upload(meant).answer).not.toBeNull();
  expect(faults.applied()).toEqual([1]);
});

test('a probability is drawn for each request, and for each lead of a lead fault', () => {
  const draws = [0.2, 0.9];
  const random = () => draws.push(draws.shift() ?? 0) && (draws.at(-1) ?? 0);
  const ofRequest = planner([{ on: 'upload', probability: 0.5, fault: status(500) }], random);
  expect([ofRequest.upload().answer, ofRequest.upload().answer]).toEqual([expect.anything(), null]);
  const plan = planner([{ on: 'upload', probability: 0.5, fault: { kind: 'reject' } }], random).upload();
  expect(OCCASION.leads.map((lead) => plan.ofLead(lead)?.kind)).toEqual(['reject', undefined]);
});

test('a rule for read-back is not for uploads', () => {
  const faults = planner([{ on: 'readBack', fault: { kind: 'lag', ms: 1_000 } }]);
  expect(faults.upload().lagMs).toBe(0);
  expect(faults.plan('readBack', () => OCCASION).lagMs).toBe(1_000);
});
