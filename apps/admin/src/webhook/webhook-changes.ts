import type { WebhookEventType } from '@live-feed/core/webhook/webhook-events';
import {
  webhookAdd,
  webhookRemove,
  webhookRotate,
  webhookSet,
} from '@live-feed/operations/webhook/webhook-changes';
import type { Session } from '../session.ts';
import { readHeaders } from '../terminal/headers-file.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report } from '../terminal/report.ts';

interface EndpointOptions {
  readonly events?: WebhookEventType[] | undefined;
  readonly maxEvents?: number | undefined;
  readonly headersFile?: string | undefined;
}

export async function addEndpoint(
  session: Session,
  company: string,
  url: string,
  { headersFile, ...settings }: EndpointOptions,
): Promise<Report> {
  const headers = await readHeaders(session.terminal, headersFile);
  const { secret, ...added } = await session.perform(webhookAdd, { company, url, ...settings, headers });
  return newSecret(secret, { id: added.id, company: added.company.name, url: added.url }, [
    `Try it with: ${hint`webhook test ${added.id}`}`,
  ]);
}

export async function setEndpoint(
  session: Session,
  webhook: string,
  options: EndpointOptions & {
    readonly url?: string | undefined;
    readonly off?: true | undefined;
    readonly on?: true | undefined;
  },
): Promise<Report> {
  const { headersFile, off, on: isOn, ...settings } = options;
  const headers = await readHeaders(session.terminal, headersFile);
  const on = off === true ? false : isOn;
  const { id } = await session.perform(webhookSet, { webhook, ...settings, headers, on });
  const said = on === undefined ? '' : on ? ' It is on.' : ' It is off.';
  return {
    text: `Changed the webhook. Events that are delivered from now on follow it.${said}`,
    data: { id, ...(on === undefined ? {} : { on }) },
  };
}

export async function rotateSecret(
  session: Session,
  webhook: string,
  { overlap }: { readonly overlap: number },
): Promise<Report> {
  const rotated = await session.perform(webhookRotate, { webhook, overlapMs: overlap });
  const { secret, id, url, oldSecretUntil } = rotated;
  return newSecret(secret, { id, url, oldSecretUntil }, [
    `Until ${oldSecretUntil.toISOString()} deliveries are signed with both secrets.`,
  ]);
}

export async function removeEndpoint(session: Session, webhook: string): Promise<Report> {
  const { id, url } = await session.perform(webhookRemove, { webhook });
  return { text: `Removed the webhook ${url}, and the events that waited for it.`, data: { id } };
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
