import { z } from 'zod';

/** Headers that a company has sent to its own endpoints. */

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i;
/** Those that every request of ours has, and those that steer the connection. */
const NOT_OWN =
  /^(webhook-.*|host|content-.*|user-agent|accept.*|connection|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
const VALUE = /^[\x20-\x7e]{0,1000}$/;
const MOST_HEADERS = 10;

/** A company's own headers, by name. An issue's path is the name. */
export const ownHeadersSchema = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const entries = Object.entries(headers);
  if (entries.length > MOST_HEADERS)
    context.addIssue({ code: 'custom', message: `There are at most ${MOST_HEADERS} headers.` });
  for (const [name, value] of entries) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

function headerProblem(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return 'A header’s name has letters, digits and hyphens.';
  if (NOT_OWN.test(name)) return 'Live Feed sets this header itself.';
  return VALUE.test(value) ? undefined : 'A header’s value has at most 1,000 ASCII characters.';
}

export type OwnHeaders = z.infer<typeof ownHeadersSchema>;
