import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DRY_RUN_APPLIED, prefersDryRun } from './preferences.ts';

/** Letters of a parameter's name: `dry_run`, `dryRun[]` as PHP writes a list, `amp;dryRun` from an escaped link. */
const MEANS_DRY_RUN = /^(?:amp)?dryrun$/i;

/** The query of requests that can be tried. Other parameters are ignored, but not what is meant to be this one. */
export const dryRunQuery = z
  .looseObject({
    dryRun: z
      .enum(['true', 'false'])
      .optional()
      .describe(
        'With `true` nothing is changed: the response says what would happen. As `Prefer: handling=dry-run`.',
      ),
  })
  .superRefine(
    (value, { addIssue }) => {
      for (const name of Object.keys(value)) {
        if (name === 'dryRun' || !MEANS_DRY_RUN.test(name.replaceAll(/[^a-z]/gi, ''))) continue;
        addIssue({ code: 'custom', path: [name], message: 'write it dryRun' });
      }
    },
    { when: () => true }, // also beside a wrong value: all issues are reported at once
  );

/** Notes whether a request is only to be tried. A hook for routes that change something; every request with a test key is tried, see `requireKey`. */
export async function noteDryRun(
  request: FastifyRequest<{ Querystring: { readonly dryRun?: unknown } }>,
  reply: FastifyReply,
): Promise<void> {
  const isPreferred = prefersDryRun(request.headers['prefer']?.toString());
  if (isPreferred) reply.header('preference-applied', DRY_RUN_APPLIED);
  request.dryRun = isPreferred || request.query.dryRun === 'true';
}
