import {
  aniActivate,
  aniCap,
  aniFlag,
  aniPause,
  aniPool,
  aniRemove,
} from '@live-feed/operations/ani/ani-changes';
import { duration, wholeNumber } from '@live-feed/operations/inputs/written';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { count } from '../../html/count.ts';
import { blank, readForm, several } from '../../operations/form-input.ts';
import { from } from '../../sign-in/access.ts';
import { companyParams } from '../companies/company-page.ts';

export const CHANGE_NUMBERS = from('operator');

const schema = z.object({
  phones: several.pipe(z.array(z.string()).min(1, 'Tick the numbers first.')),
  for: blank(duration({ min: '1h', max: '365d' })),
  cap: blank(wholeNumber(0, 1_000_000)),
  pool: blank(z.string()),
});

interface Changed {
  readonly changed: readonly string[];
  readonly unknown: readonly string[];
}

/** Changes of the numbers that are ticked in the table. */
export function addNumberChanges(app: FastifyInstance): void {
  app.post('/caller-ids/:company/pause', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    change(request, reply, 'Paused', ({ company, phones }) => request.perform(aniPause, { company, phones })),
  );

  app.post('/caller-ids/:company/activate', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    change(request, reply, 'Activated', ({ company, phones }) =>
      request.perform(aniActivate, { company, phones }),
    ),
  );

  app.post('/caller-ids/:company/flag', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    change(request, reply, 'Flagged', ({ company, phones, for: forMs }) =>
      request.perform(aniFlag, { company, phones, forMs }),
    ),
  );

  app.post('/caller-ids/:company/cap', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    change(request, reply, 'Set the cap of', ({ company, phones, cap = null }) =>
      request.perform(aniCap, { company, phones, cap }),
    ),
  );

  app.post('/caller-ids/:company/remove', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    change(request, reply, 'Removed', ({ company, phones }) =>
      request.perform(aniRemove, { company, phones }),
    ),
  );

  app.post('/caller-ids/:company/into-pool', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    changePool(request, reply, 'add'),
  );

  app.post('/caller-ids/:company/out-of-pool', { config: { access: CHANGE_NUMBERS } }, (request, reply) =>
    changePool(request, reply, 'remove'),
  );
}

type Asked = z.output<typeof schema> & { readonly company: string };

function asked(request: FastifyRequest): Asked {
  const { company } = readForm(companyParams, request.params);
  return { company, ...readForm(schema, request.body) };
}

async function change(
  request: FastifyRequest,
  reply: FastifyReply,
  done: string,
  work: (asked: Asked) => Promise<Changed>,
): Promise<FastifyReply> {
  const input = asked(request);
  const { changed, unknown } = await work(input);
  const gone = unknown.length === 0 ? '' : ` ${unknown.length} are not there any more.`;
  const text = `${done} ${count(changed.length, 'number')}.${gone}`;
  return reply.seeOther(`caller-ids/${input.company}`, { kind: 'done', text });
}

async function changePool(
  request: FastifyRequest,
  reply: FastifyReply,
  how: 'add' | 'remove',
): Promise<FastifyReply> {
  const { company, phones, pool: campaignId = '' } = asked(request);
  const { added, removed, size } = await request.perform(aniPool, { company, campaignId, [how]: phones });
  const now =
    size === 0
      ? 'Its pool is empty: its leads get any number of the company.'
      : `Its pool has ${count(size, 'number')}.`;
  const text = `Put ${count(added.length, 'number')} into the pool of ${campaignId} and took ${removed.length} out. ${now}`;
  return reply.seeOther(`caller-ids/${company}`, { kind: 'done', text });
}
