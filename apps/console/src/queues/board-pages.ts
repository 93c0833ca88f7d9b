import type { FastifyReply } from 'fastify';

export function isPage(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/html');
}

/**
 * Bull Board's page loads a font from Google; without it, it takes the system's.
 *
 * @param style a stylesheet of ours, from the root of the host
 */
export function ownPage(page: string, style: string): string {
  return page
    .replaceAll(/<link\b[^>]*href="https?:[^>]*>/g, '')
    .replace('</head>', `<link href="${style}" rel="stylesheet"></head>`);
}

/** Bull Board's list of queues, as for somebody who changes nothing: it shows no buttons. */
export function readOnly(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return payload;
  const { queues } = payload as { readonly queues?: unknown };
  if (!Array.isArray(queues)) return payload;
  const only = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...payload, queues: queues.map((queue) => ({ ...queue, ...only })) };
}
