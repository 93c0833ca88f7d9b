import { statusPath } from '@live-feed/core/status/status-path';
import { LEAD_ID } from '../answers/error-examples.ts';
import { DIALER_RESPONSE } from '../openapi/examples.ts';
import type { Operation } from '../openapi/operation.ts';
import { searchResultSchema, statusSchema } from './status-answers.ts';

/** What the API's document says of the requests about leads. */

const SUMMARY = {
  leadId: LEAD_ID,
  state: 'ACCEPTED',
  outcome: 'DIALER_ACCEPTED',
  outcomeSource: 'answer',
  campaignId: '123456',
  source: 'Vendor A',
  phoneLast2: '67',
  callerId: '2065550100',
  callerIdTier: 'area_code',
  receivedAt: '2026-11-23T15:37:24.101Z',
  finishedAt: '2026-11-23T15:37:24.317Z',
  statusUrl: statusPath(LEAD_ID),
};

export const STATUS = {
  ...SUMMARY,
  phoneRegion: 'us',
  timeline: [
    { event: 'received', at: '2026-11-23T15:37:24.101Z' },
    { event: 'queued', at: '2026-11-23T15:37:24.104Z' },
    {
      event: 'upload',
      at: '2026-11-23T15:37:24.110Z',
      size: 12,
      result: 'answered',
      httpStatus: 200,
      latencyMs: 198,
    },
    { event: 'finished', at: '2026-11-23T15:37:24.317Z' },
  ],
  dialerResponse: DIALER_RESPONSE,
};

const ABOUT_LEAD = { headers: ['x-lead-id'] } as const;

export const GET_LEAD: Operation = {
  operationId: 'getLead',
  tag: 'Lead status',
  summary: 'What became of a lead',
  description:
    'For a key that is limited to campaigns only their leads exist. A lead has a status once it is first sent, or once its caller is told that it is kept. Before that it is only in the ' +
    'queue, and the response is 404.',
  answers: { 200: { ...ABOUT_LEAD, schema: statusSchema, example: STATUS } },
  errors: ['keyed', 'parameters', 'status', 'inDialer'],
};

export const GIVE_BACK_LEAD: Operation = {
  operationId: 'giveBackLead',
  tag: 'Lead status',
  summary: 'Take back a lead that was promised and has not been sent, or cancel it in the dialer',
  description:
    'The lead ends as `ABANDONED` and is not sent. Repeating the request gets the same response. 409 if the lead has been sent or has ended. ' +
    'With `inDialer=cancel` a lead that the dialer has taken is cancelled there; its state here stays.',
  answers: {
    200: {
      ...ABOUT_LEAD,
      schema: statusSchema,
      example: {
        ...STATUS,
        state: 'ABANDONED',
        outcome: 'GIVEN_BACK',
        outcomeSource: null,
        callerId: null,
        callerIdTier: null,
        timeline: STATUS.timeline.filter(({ event }) => event !== 'upload'),
        dialerResponse: null,
      },
    },
    409: ABOUT_LEAD,
    502: ABOUT_LEAD,
    504: ABOUT_LEAD,
  },
  errors: ['keyed', 'parameters', 'status', 'inDialer', 'cancel'],
};

export const LIST_LEADS: Operation = {
  operationId: 'listLeads',
  tag: 'Lead status',
  summary: 'The company’s leads, newest first',
  description:
    'A key that is limited to campaigns gets their leads only, and an empty list by another campaign. ' +
    'At most two lists of a company are read at once; more are refused with 429 and `Retry-After`.',
  answers: { 200: { schema: searchResultSchema, example: { leads: [SUMMARY], nextCursor: null } } },
  errors: ['keyed', 'parameters', 'list'],
};
