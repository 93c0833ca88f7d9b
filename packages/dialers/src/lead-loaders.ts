import type { DialerFamily } from './family.ts';
import { type ConnectionSettings, type Connections, createConnections } from './http/connections.ts';
import { exchange } from './http/exchange.ts';
import type { CallLimits, LeadLoader } from './lead-loader.ts';

export interface LoaderOptions {
  /** Default: connect 3 s, upload 10 s. */
  readonly limits?: CallLimits;
  /** Longest answer to an upload that is read, in bytes; beyond it the outcome is unknown. Default: 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** Per family. Defaults: 256 connections in use and 64 idle per host, idle ones kept for 4 s. */
  readonly connections?: Partial<Omit<ConnectionSettings, 'connectMs'>>;
  /** By family name: the header that carries the token, where it is not the family's own. */
  readonly authHeaders?: Readonly<Record<string, string>>;
}

const MIB = 1024 * 1024;

/** One lead loader for each family that is used, made once per process. */
export interface LeadLoaders {
  loaderFor(family: DialerFamily): LeadLoader;
  /** Closes pooled connections; calls under way break off. */
  close(): Promise<void>;
}

export function createLeadLoaders(options: LoaderOptions = {}): LeadLoaders {
  const limits = options.limits ?? { connectMs: 3_000, uploadMs: 10_000 };
  const loaders = new Map<string, { readonly loader: LeadLoader; readonly connections: Connections }>();

  function create(family: DialerFamily) {
    const connections = createConnections({
      maxSockets: 256,
      maxFreeSockets: 256,
      idleMs: 4_000,
      ...options.connections,
      connectMs: limits.connectMs,
    });
    const loader = family.createLoader({
      exchange: (request) => exchange(connections, limits, request),
      authHeader: options.authHeaders?.[family.name] ?? family.authHeader,
      limits,
      maxAnswerBytes: options.maxAnswerBytes ?? MIB,
      maxSearchBytes: 4 * MIB,
    });
    return { loader, connections };
  }

  return {
    loaderFor(family) {
      const known = loaders.get(family.name) ?? create(family);
      loaders.set(family.name, known);
      return known.loader;
    },
    async close() {
      for (const { connections } of loaders.values()) connections.close();
    },
  };
}
