import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseRedisUrl, REDIS_MODES, type RedisServer, RedisUrlError } from './redis-server.ts';

/** The variables of a process that uses Redis. Pass the schema through `checkRedis` as well: some go together. */
export const redisVariables = {
  REDIS_URL: redisUrl().describe(
    'URL of the Redis that holds the queues; with REDIS_MODE, of several hosts separated by commas',
  ),
  REDIS_MODE: z
    .enum(REDIS_MODES, { error: `must be one of ${REDIS_MODES.join(', ')}` })
    .default('single')
    .describe('what the hosts of REDIS_URL are: single, one server; sentinel; cluster, some of its nodes'),
  REDIS_TLS_CA_FILE: certificateFile()
    .optional()
    .describe("file of the certificates that a server's must be signed by, in place of the system's"),
  REDIS_SENTINEL_NAME: text().optional().describe('what the sentinels call the server, such as mymaster'),
  REDIS_SENTINEL_USERNAME: text()
    .optional()
    .describe('user at the sentinels; the one of REDIS_URL is for the servers'),
  REDIS_SENTINEL_PASSWORD: text()
    .optional()
    .describe('password of the sentinels; the one of REDIS_URL is for the servers'),
};

const schema = z.object(redisVariables);
export type RedisEnvironment = z.infer<typeof schema>;

/** Reports variables that do not go together, each under its own name. */
export function checkRedis(env: Partial<RedisEnvironment>, context: z.core.$RefinementCtx): void {
  const { REDIS_URL: url, REDIS_MODE: mode = 'single' } = env;
  const wrong = (name: keyof RedisEnvironment, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });

  if (mode === 'sentinel' && env.REDIS_SENTINEL_NAME === undefined) {
    wrong('REDIS_SENTINEL_NAME', 'must be set if REDIS_MODE is sentinel');
  }
  for (const name of ['NAME', 'USERNAME', 'PASSWORD'] as const) {
    const variable = `REDIS_SENTINEL_${name}` as const;
    if (mode !== 'sentinel' && env[variable] !== undefined) {
      wrong(variable, 'must only be set if REDIS_MODE is sentinel');
    }
  }
  const server = url === undefined ? undefined : readable(url);
  if (server === undefined) return;
  if (mode === 'single' && server.nodes.length > 1) {
    wrong('REDIS_URL', 'must name one host, unless REDIS_MODE is sentinel or cluster');
  }
  if (mode === 'cluster' && server.database !== 0) {
    wrong('REDIS_URL', 'must name no database but 0 if REDIS_MODE is cluster: a cluster has no other');
  }
  if (server.tls === undefined && env.REDIS_TLS_CA_FILE !== undefined) {
    wrong('REDIS_TLS_CA_FILE', 'must only be set if REDIS_URL begins with rediss://');
  }
}

/** @param env that `checkRedis` has accepted */
export function redisServerOf(env: RedisEnvironment): RedisServer {
  const parsed = parseRedisUrl(env.REDIS_URL);
  const { REDIS_TLS_CA_FILE: ca, REDIS_SENTINEL_NAME: name } = env;
  return {
    mode: env.REDIS_MODE,
    ...parsed,
    tls: parsed.tls && { ...(ca === undefined ? {} : { ca }) },
    ...(name === undefined
      ? {}
      : {
          sentinel: {
            name,
            username: env.REDIS_SENTINEL_USERNAME,
            password: env.REDIS_SENTINEL_PASSWORD,
          },
        }),
  };
}

function redisUrl() {
  return text('must be a URL that begins with redis:// or rediss://').superRefine((given, context) => {
    try {
      parseRedisUrl(given);
    } catch (error) {
      if (!(error instanceof RedisUrlError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}

function readable(url: string) {
  try {
    return parseRedisUrl(url);
  } catch {
    // Reported by the URL's own schema.
    return undefined;
  }
}

/** The certificates of a file in PEM, read as the process starts. */
function certificateFile() {
  return text().transform((path, context) => {
    const problem = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    let pem: string;
    try {
      pem = readFileSync(path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      return problem(`must name a file that can be read (${code})`);
    }
    return isCertificate(pem) ? pem : problem('must name a file of certificates in PEM');
  });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function text(error = 'must be a text') {
  return z.string({ error });
}
