import { companyShow } from '@live-feed/operations/company/company-settings';
import { duration } from '@live-feed/operations/inputs/written';
import { describeLimits } from '@live-feed/operations/inputs/written-key-settings';
import { keyRevoke, keySet } from '@live-feed/operations/key/key-changes';
import { keyList } from '@live-feed/operations/key/keys';
import { keyRotate } from '@live-feed/operations/key/new-keys';
import { Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Assets } from '../../assets/assets.ts';
import { facts } from '../../html/facts.ts';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { secretOnce } from '../../html/secret-once.ts';
import { time } from '../../html/time.ts';
import { readForm } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { companyNav } from '../companies/company-nav.ts';
import { expiresField, expiresIn, keyFields, keyFieldsOf, keySettingsOf } from './key-form.ts';
import { keyState, type ShownKey } from './key-state.ts';

const CHANGE = from('admin');
const PATH = '/companies/:company/keys/:key';
const params = z.object({ company: z.string(), key: z.string() });

export function addKeyPage(app: FastifyInstance, assets: Assets): void {
  app.get(PATH, { config: { access: from('viewer') } }, async (request, reply) => {
    const { company, key, zone } = await findKey(request);
    const mayChange = request.signedIn !== null && mayUse(CHANGE, request.signedIn);
    const action = `companies/${company.id}/keys/${key.id}`;
    const content = html`
      ${companyNav(company.id, 'keys')} ${keyFacts(key, zone)}
      ${mayChange && key.state === 'active' ? changeForms(action, key) : null}
    `;
    return reply.page({ title: `Key …${key.hint} of ${company.name}`, content });
  });

  app.post(PATH, { config: { access: CHANGE } }, async (request, reply) => {
    const { company, key } = readForm(params, request.params);
    await request.perform(keySet, { key, ...keySettingsOf(readForm(z.object(keyFields), request.body)) });
    const text = 'Changed. It counts within 5 seconds everywhere.';
    return reply.seeOther(`companies/${company}/keys/${key}`, { kind: 'done', text });
  });

  app.post(`${PATH}/rotate`, { config: { access: CHANGE } }, async (request, reply) => {
    const { key } = readForm(params, request.params);
    const { overlap, expiresIn: expiresInMs } = readForm(rotateSchema, request.body);
    const made = await request.perform(keyRotate, { key, overlapMs: overlap, expiresInMs });
    const back = { href: `companies/${made.company.id}/keys`, text: 'Back to the keys' };
    const content = html`
      ${secretOnce({ what: 'new key', secret: made.key, back })}
      <p>The old key …${made.replaces.hint} works until ${time(made.replaces.expiresAt)}.</p>
    `;
    return reply.page({
      title: `New key of ${made.company.name}`,
      content,
      scripts: [assets.href('copy.js')],
    });
  });

  app.post(`${PATH}/revoke`, { config: { access: CHANGE } }, async (request, reply) => {
    const { company, key } = readForm(params, request.params);
    const { hint } = await request.perform(keyRevoke, { key });
    const text = `Revoked the key …${hint}. It stops working everywhere within 5 seconds.`;
    return reply.seeOther(`companies/${company}/keys`, { kind: 'done', text });
  });
}

const rotateSchema = z.object({ overlap: duration({ min: '0s', max: '90d' }), expiresIn });

async function findKey(request: FastifyRequest) {
  const { company: named, key: id } = readForm(params, request.params);
  const { company, settings } = await request.perform(companyShow, { company: named });
  const { keys } = await request.perform(keyList, { company: company.id });
  const key = keys.find((one) => one.id === id.toLowerCase());
  if (key === undefined) {
    throw new Refusal('There is no key with that id.', {
      ...{ kind: 'not_found', see: { operation: 'key.list' } },
    });
  }
  return { company, key, zone: settings.timeZone };
}

function keyFacts(key: ShownKey, zone: string): Markup {
  return facts([
    ['State', keyState(key)],
    ['Ends in', `…${key.hint}`],
    ['Label', key.settings.label],
    ['Type', key.type],
    ['Limits', describeLimits(key.settings)],
    ['Expires', key.expiresAt === null ? 'never' : time(key.expiresAt, zone)],
    ['Created', time(key.createdAt, zone)],
    ['Id', html`<code>${key.id}</code>`],
  ]);
}

function changeForms(action: string, { settings }: ShownKey): Markup {
  return html`
    <h2>Label and limits</h2>
    <form method="post" action=${action} class="narrow">${keyFieldsOf(settings)} ${button('Save')}</form>
    <h2>Rotate</h2>
    <p>Creates a key that replaces this one, with the same label and limits. For a while both work.</p>
    <form method="post" action="${action}/rotate" class="narrow">
      ${textField({ name: 'overlap', label: 'This one still works for', hint: '0s to 90d', value: '24h', required: true })}
      ${expiresField()} ${button('Create the new key', 'plain')}
    </form>
    <h2>Revoke</h2>
    <p>It stops working within 5 seconds, and cannot be brought back.</p>
    <form method="post" action="${action}/revoke" class="inline">${button('Revoke this key', 'danger')}</form>
  `;
}
