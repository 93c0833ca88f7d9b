import { SEALED } from '@live-feed/core/lead/lead-job';
import { issueWebhookSecret, MOST_WEBHOOKS } from '@live-feed/core/webhook/webhook-settings';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import {
  addWebhook,
  changeWebhook,
  removeWebhook,
  rotateWebhookSecret,
  switchOffWebhook,
  switchOnWebhook,
} from '@live-feed/database/webhooks/webhooks';
import { z } from 'zod';
import { changesMoreThan, companyInput, durationInput } from '../inputs/inputs.ts';
import { ofCompany, ofCompanysOwn } from '../operation.ts';
import { refuseUrl, sealedHeaders } from '../own-endpoint.ts';
import { Refusal } from '../refusal.ts';
import { byWebhook, theWebhook, webhookIdInput, webhookSettingsInput } from './webhooks.ts';

/** The output has the secret: it is shown this once. */
export const webhookAdd = ofCompany({
  name: 'webhook.add',
  summary: 'adds an endpoint of a company, and shows its secret, once',
  role: 'admin',
  route: 'POST /companies/:company/webhooks',
  input: z.object({ company: companyInput, ...webhookSettingsInput }),
  async run(context, { url, events = [], maxEvents = 1, headers }, company) {
    const { database, keyring, record } = context;
    refuseUrl(context, url);
    const secret = issueWebhookSecret();
    const sealed = sealedHeaders(context, company.id, headers, SEALED.webhookHeaders) ?? null;
    const settings = { url, events, maxEvents, headers: sealed };
    const sealedSecret = keyring.seal(secret, { companyId: company.id, column: SEALED.webhookSecret });
    const id = await addWebhook(database, company.id, settings, sealedSecret);
    if (id === undefined) {
      throw new Refusal(`"${company.name}" has ${MOST_WEBHOOKS} webhooks already.`, {
        see: { operation: 'webhook.list', to: 'Remove one', values: [company.name] },
      });
    }
    record({ target: url, after: { id, events, maxEvents, hasHeaders: sealed !== null } });
    return { secret, id, company, url };
  },
});

export const webhookSet = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.set',
  summary: 'changes an endpoint, or switches it off or on',
  role: 'admin',
  route: 'PATCH /webhooks/:webhook',
  input: z
    .object({
      webhook: webhookIdInput,
      ...webhookSettingsInput,
      url: webhookSettingsInput.url.optional(),
      on: z
        .boolean()
        .optional()
        .describe('false: events are neither kept nor delivered; true: they are, those that wait as well'),
    })
    .refine(...changesMoreThan('webhook')),
  async run(context, { webhook: id, url, events, maxEvents, headers: given, on }, company) {
    const { database, record } = context;
    const before = await theWebhook(context, id);
    if (url !== undefined) refuseUrl(context, url);
    const headers = sealedHeaders(context, company.id, given, SEALED.webhookHeaders);
    const changes = {
      ...(url === undefined ? {} : { url }),
      ...(events === undefined ? {} : { events }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
    };
    await changeWebhook(database, id, { ...changes, ...(headers === undefined ? {} : { headers }) });
    if (on === false) await switchOffWebhook(database, id, 'BY_HAND');
    if (on === true) await switchOnWebhook(database, id);
    record({
      target: before.url,
      before: {
        ...{ url: before.url, events: before.events, maxEvents: before.maxEvents },
        ...{ hasHeaders: before.headers !== null, on: before.disabledAt === null },
      },
      after: {
        ...changes,
        ...(headers === undefined ? {} : { hasHeaders: headers !== null }),
        ...(on === undefined ? {} : { on }),
      },
    });
    return { id, company, ...(on === undefined ? {} : { on }) };
  },
});

const DAY_MS = 86_400_000;

/** The output has the new secret: it is shown this once. */
export const webhookRotate = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.rotate',
  summary: 'creates a new secret and shows it, once; for a while both sign',
  role: 'admin',
  route: 'POST /webhooks/:webhook/rotate',
  input: z.object({
    webhook: webhookIdInput,
    overlapMs: durationInput({ min: 0, max: 90 * DAY_MS })
      .default(DAY_MS)
      .describe('how long the old secret signs as well, milliseconds; 0: not any more'),
  }),
  async run(context, { webhook: id, overlapMs }, company) {
    const { database, keyring, record } = context;
    const { secret: was, url, oldSecretUntil } = await theWebhook(context, id);
    const stillSigns = oldSecretUntil !== null && oldSecretUntil.getTime() > (await databaseNow(database));
    if (overlapMs > 0 && stillSigns) {
      throw new Refusal(
        `Until ${oldSecretUntil.toISOString()} the secret before the present one signs as well, and only one can. Rotate again after that, or with an overlap of 0, which ends both old ones at once.`,
        { see: { operation: 'webhook.rotate' } },
      );
    }
    const secret = issueWebhookSecret();
    const bound = { companyId: company.id, column: SEALED.webhookSecret };
    const until = await rotateWebhookSecret(database, id, {
      was,
      secret: keyring.seal(secret, bound),
      oldSecret: keyring.seal(keyring.unseal(was, bound), { ...bound, column: SEALED.webhookOldSecret }),
      overlapMs,
    });
    if (until === undefined) {
      throw new Refusal('The secret was changed at the same moment. Nothing was changed; try again.');
    }
    record({ target: url, after: { oldSecretUntil: until } });
    return { secret, id, company, url, oldSecretUntil: until };
  },
});

export const webhookRemove = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.remove',
  summary: 'removes an endpoint, and the events that wait for it',
  role: 'admin',
  route: 'DELETE /webhooks/:webhook',
  input: z.object({ webhook: webhookIdInput }),
  async run(context, { webhook: id }, company) {
    const { url, events, maxEvents } = await theWebhook(context, id);
    await removeWebhook(context.database, id);
    context.record({ target: url, before: { id, events, maxEvents } });
    return { id, company, url };
  },
});
