import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import {
  durationMs,
  host,
  list,
  port,
  redisUrl,
  text,
  url,
} from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';
import type { Account } from './sign-in/accounts.ts';
import { trustOf } from './sign-in/client-address.ts';
import { weaknessOf } from './sign-in/password-weakness.ts';

/** A name as it can be sent (RFC 7617: no colon). */
function user() {
  return text().refine((name) => !name.includes(':'), { error: 'must not contain a colon' });
}

function password() {
  return text().superRefine((given, context) => {
    const message = weaknessOf(given);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** A path that begins like one of the console's own could not be distinguished from it. */
function isPublicUrl(given: string): boolean {
  return !/[?#]/.test(given) && !/^\/(api|static|queue|healthz)(\/|$)/.test(new URL(given).pathname);
}

function areProxies(given: readonly string[]): boolean {
  try {
    trustOf(given);
    return true;
  } catch {
    return false;
  }
}

/** The console's variables. */
export const consoleEnvironment = z
  .object({
    ...processVariables,
    DATABASE_URL: databaseUrlSchema().describe('URL of the PostgreSQL database'),
    REDIS_URL: redisUrl().describe('URL of the Redis that holds the queues'),
    CONSOLE_PORT: port().default(3001).describe('the port to listen on; 0 takes any free port'),
    CONSOLE_HOST: host().default('127.0.0.1').describe('the address to listen on'),
    CONSOLE_METRICS_HOST: host()
      .default('127.0.0.1')
      .describe("the address of /metrics; keep it out of reach of the console's users"),
    CONSOLE_METRICS_PORT: port().default(9466).describe('the port of /metrics, /healthz and /readyz'),
    CONSOLE_USER: user().default('ops').describe('the user who may pause, resume, retry and promote'),
    CONSOLE_PASSWORD: password().describe('password of CONSOLE_USER'),
    CONSOLE_VIEWER_USER: user().optional().describe('a user who can see everything and change nothing'),
    CONSOLE_VIEWER_PASSWORD: password().optional().describe('password of CONSOLE_VIEWER_USER'),
    CONSOLE_PUBLIC_URL: url(['http', 'https'])
      .refine(isPublicUrl, {
        error:
          'must be a URL without query and fragment, whose path does not begin with /api, /static or /queue',
      })
      .optional()
      .describe('the address in the browser, if a proxy serves the console under another name, port or path'),
    CONSOLE_KEEP_ALIVE_MS: durationMs({ min: 1_000, max: 3_600_000 })
      .default(65_000)
      .describe(
        'how long an idle connection stays open; longer than the load balancer in front keeps its connections',
      ),
    CONSOLE_TRUSTED_PROXIES: list()
      .refine(areProxies, {
        error: 'must be a list of addresses and networks such as 10.0.0.7,10.1.0.0/16, separated by commas',
      })
      .optional()
      .describe('addresses and networks of proxies whose X-Forwarded-For is trusted'),
  })
  // Runs whatever else is wrong, so that all problems are reported at once.
  .superRefine(checkViewer, { when: () => true });

type AccountVariable = `CONSOLE_${'' | 'VIEWER_'}${'USER' | 'PASSWORD'}`;

function checkViewer(
  env: { readonly [Name in AccountVariable]?: string | undefined },
  context: z.RefinementCtx,
): void {
  const issue = (name: AccountVariable, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  const { CONSOLE_VIEWER_USER: viewer, CONSOLE_VIEWER_PASSWORD: viewerPassword } = env;
  if (viewer !== undefined && viewerPassword === undefined) {
    issue('CONSOLE_VIEWER_PASSWORD', 'must be set if CONSOLE_VIEWER_USER is');
  }
  if (viewer === undefined && viewerPassword !== undefined) {
    issue('CONSOLE_VIEWER_USER', 'must be set if CONSOLE_VIEWER_PASSWORD is');
  }
  if (viewer !== undefined && viewer === env.CONSOLE_USER) {
    issue('CONSOLE_VIEWER_USER', 'must not be the same as CONSOLE_USER');
  }
  if (viewerPassword !== undefined && viewerPassword === env.CONSOLE_PASSWORD) {
    issue('CONSOLE_VIEWER_PASSWORD', "must not be the operator's password");
  }
}

export function accountsOf(env: z.infer<typeof consoleEnvironment>): Account[] {
  const operator: Account = { user: env.CONSOLE_USER, password: env.CONSOLE_PASSWORD, role: 'operator' };
  const { CONSOLE_VIEWER_USER: viewer, CONSOLE_VIEWER_PASSWORD: password } = env;
  return viewer === undefined || password === undefined
    ? [operator]
    : [operator, { user: viewer, password, role: 'viewer' }];
}
