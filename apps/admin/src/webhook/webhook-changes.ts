import { SEALED } from '@live-feed/core/lead/lead-job';
import { issueWebhookSecret, MOST_WEBHOOKS } from '@live-feed/core/webhook/webhook-settings';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import {
  addWebhook,
  changeWebhook,
  findWebhook,
  removeWebhook,
  rotateWebhookSecret,
  switchOffWebhook,
  switchOnWebhook,
  type WebhookRecord,
} from '@live-feed/database/webhooks/webhooks';
import { refuseUrl, sealedHeaders } from '../company/own-endpoint.ts';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { facts, type Report } from '../terminal/report.ts';

interface EndpointOptions {
  readonly events?: readonly string[] | undefined;
  readonly maxEvents?: number | undefined;
  readonly headersFile?: string | undefined;
}

export async function addEndpoint(
  session: Session,
  companyName: string,
  url: string,
  options: EndpointOptions,
): Promise<Report> {
  const company = await theCompany(session, companyName);
  refuseUrl(session, url);
  const secret = issueWebhookSecret();
  const webhookId = await addWebhook(
    session.database,
    company.id,
    {
      url,
      events: options.events ?? [],
      maxEvents: options.maxEvents ?? 1,
      headers: (await sealedHeaders(session, company.id, options.headersFile, SEALED.webhookHeaders)) ?? null,
    },
    session.keyring.seal(secret, { companyId: company.id, column: SEALED.webhookSecret }),
  );
  if (webhookId === undefined) {
    throw new Refusal(
      `"${company.name}" has ${MOST_WEBHOOKS} webhooks already. Remove one: ${hint`webhook list ${company.name}`}`,
    );
  }
  return newSecret(secret, { id: webhookId, company: company.name, url }, [
    `Try it with: ${hint`webhook test ${webhookId}`}`,
  ]);
}

export async function setEndpoint(
  session: Session,
  webhookId: string,
  options: EndpointOptions & {
    readonly url?: string | undefined;
    readonly off?: true | undefined;
    readonly on?: true | undefined;
  },
): Promise<Report> {
  const { url, events, maxEvents, headersFile, off, on } = options;
  if ([url, events, maxEvents, headersFile, off, on].every((option) => option === undefined))
    throw new UsageError(`Name a setting. See: ${hint`webhook set --help`}`);
  const webhook = await theWebhook(session, webhookId);
  if (url !== undefined) refuseUrl(session, url);
  const headers = await sealedHeaders(session, webhook.companyId, headersFile, SEALED.webhookHeaders);
  await changeWebhook(session.database, webhookId, {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events }),
    ...(maxEvents === undefined ? {} : { maxEvents }),
    ...(headers === undefined ? {} : { headers }),
  });
  if (off === true) await switchOffWebhook(session.database, webhookId, 'BY_HAND');
  if (on === true) await switchOnWebhook(session.database, webhookId);
  const said = off === true ? ' It is off.' : on === true ? ' It is on.' : '';
  return {
    text: `Changed the webhook. Events that are delivered from now on follow it.${said}`,
    data: { id: webhookId, ...(off || on ? { on: on === true } : {}) },
  };
}

export async function rotateSecret(
  session: Session,
  webhookId: string,
  { overlap }: { readonly overlap: number },
): Promise<Report> {
  const { keyring } = session;
  const { companyId, secret: was, url, oldSecretUntil } = await theWebhook(session, webhookId);
  if (
    overlap > 0 &&
    oldSecretUntil !== null &&
    oldSecretUntil.getTime() > (await databaseNow(session.database))
  ) {
    throw new Refusal(
      `Until ${oldSecretUntil.toISOString()} the secret before the present one signs as well, and only one can. Rotate again after that. Or end both old ones at once: ${hint`webhook rotate ${webhookId} --overlap 0s`}`,
    );
  }
  const secret = issueWebhookSecret();
  const until = await rotateWebhookSecret(session.database, webhookId, {
    was,
    secret: keyring.seal(secret, { companyId, column: SEALED.webhookSecret }),
    oldSecret: keyring.seal(keyring.unseal(was, { companyId, column: SEALED.webhookSecret }), {
      companyId,
      column: SEALED.webhookOldSecret,
    }),
    overlapMs: overlap,
  });
  if (until === undefined)
    throw new Refusal('The secret was changed at the same moment. Nothing was changed; try again.');
  return newSecret(secret, { id: webhookId, url, oldSecretUntil: until }, [
    `Until ${until.toISOString()} deliveries are signed with both secrets.`,
  ]);
}

export async function removeEndpoint(session: Session, webhookId: string): Promise<Report> {
  const { url } = await theWebhook(session, webhookId);
  await removeWebhook(session.database, webhookId);
  return { text: `Removed the webhook ${url}, and the events that waited for it.`, data: { id: webhookId } };
}

/** @throws Refusal */
export async function theWebhook({ database }: Session, webhookId: string): Promise<WebhookRecord> {
  const webhook = await findWebhook(database, webhookId);
  if (webhook !== null) return webhook;
  throw new Refusal(`There is no webhook with that id. See: ${hint`webhook list`}`);
}

/** The only time that a secret is shown. */
function newSecret(
  secret: string,
  made: Readonly<Record<string, string | Date>>,
  more: readonly string[],
): Report {
  const lines = facts([['secret', secret], ...Object.entries(made)]);
  return {
    text: [lines, '', 'The secret is not shown again: store it now.', ...more].join('\n'),
    data: { ...made, secret },
  };
}
