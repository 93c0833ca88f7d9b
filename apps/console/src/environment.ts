import { weaknessOf } from '@live-feed/operations/credentials/password-weakness';
import { operationsVariables } from '@live-feed/operations/environment';
import { checkRedis } from '@live-feed/queue/redis/settings/redis-variables';
import { durationMs, host, list, port, text, url } from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';
import { trustOf } from './sign-in/client-address.ts';
import type { FirstPerson } from './sign-in/first-person.ts';
import { checkOidc, oidcVariables } from './sign-in/oidc/oidc-environment.ts';

function password() {
  return text().superRefine((given, context) => {
    const message = weaknessOf(given);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** What the paths of the console's own begin with. */
export const OWN_PATHS = [
  ...[
    'account',
    'admin',
    'alerts',
    'assets',
    'audit',
    'caller-ids',
    'companies',
    'dialers',
    'figures',
    'healthz',
    'leads',
  ],
  ...['overview', 'people', 'queues', 'sign-in', 'sign-out', 'theme'],
] as const;

/** A path that begins like one of the console's own could not be distinguished from it. */
function isPublicUrl(given: string): boolean {
  if (/[?#]/.test(given)) return false;
  const [, first] = new URL(given).pathname.split('/');
  return !OWN_PATHS.some((own) => own === first);
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
    ...operationsVariables,
    CONSOLE_PORT: port().default(3001).describe('the port to listen on; 0 takes any free port'),
    CONSOLE_HOST: host().default('127.0.0.1').describe('the address to listen on'),
    CONSOLE_METRICS_HOST: host()
      .default('127.0.0.1')
      .describe("the address of /metrics; keep it out of reach of the console's users"),
    CONSOLE_METRICS_PORT: port().default(9466).describe('the port of /metrics, /healthz and /readyz'),
    CONSOLE_USER: text()
      .max(320)
      .default('ops')
      .describe(
        'user name or e-mail address of the first person, an admin, added if there are no people yet',
      ),
    CONSOLE_PASSWORD: password()
      .optional()
      .describe('password of the first person; not used any more once there are people'),
    CONSOLE_PUBLIC_URL: url(['http', 'https'])
      .refine(isPublicUrl, {
        error:
          'must be a URL without query and fragment, whose path does not begin like one of the console, such as /leads',
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
    ...oidcVariables,
  })
  // Runs whatever else is wrong, so that all problems are reported at once.
  .superRefine(checkOidc, { when: () => true })
  .superRefine(checkRedis, { when: () => true });

/** Who is added if there are no people yet. */
export function firstPersonOf(env: z.infer<typeof consoleEnvironment>): FirstPerson | undefined {
  const { CONSOLE_USER: name, CONSOLE_PASSWORD: password } = env;
  return password === undefined ? undefined : { name, password };
}
