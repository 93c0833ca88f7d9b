import type { CampaignSource, LeadControl } from './account.ts';
import type { DialerFamily, LoaderCalls, SignInOptions } from './family.ts';
import { type Authorise, authorisedExchange, byToken } from './http/authorise.ts';
import { type ConnectionSettings, type Connections, createConnections } from './http/connections.ts';
import { type ExchangeRequest, exchange } from './http/exchange.ts';
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
  /** Without it no dialer with a JWT credential can be called. */
  readonly signIn?: SignInOptions;
}

const MIB = 1024 * 1024;

interface Adapters {
  readonly loader: LeadLoader;
  readonly campaigns: CampaignSource | undefined;
  readonly leadControl: LeadControl | undefined;
  readonly connections: Connections;
  readonly authorise: Authorise;
}

/** The adapters of each family that is used, made once per process. */
export interface LeadLoaders {
  loaderFor(family: DialerFamily): LeadLoader;
  /** Undefined for a family that has no such ability, as of the next. */
  campaignsFor(family: DialerFamily): CampaignSource | undefined;
  leadControlFor(family: DialerFamily): LeadControl | undefined;
  /** Closes pooled connections; calls under way break off. */
  close(): Promise<void>;
}

export function createLeadLoaders(options: LoaderOptions = {}): LeadLoaders {
  const limits = options.limits ?? { connectMs: 3_000, uploadMs: 10_000 };
  const adapters = new Map<string, Adapters>();

  function create(family: DialerFamily): Adapters {
    const connections = createConnections({
      maxSockets: 256,
      maxFreeSockets: 256,
      idleMs: 4_000,
      ...options.connections,
      connectMs: limits.connectMs,
    });
    const basics = {
      exchange: (request: ExchangeRequest, own = limits) => exchange(connections, own, request),
      authHeader: options.authHeaders?.[family.name] ?? family.authHeader,
      limits,
    };
    const authorise =
      (options.signIn && family.signIn?.({ ...basics, ...options.signIn })) ?? byToken(basics.authHeader);
    const calls: LoaderCalls = {
      ...basics,
      authorise,
      call: authorisedExchange(basics.exchange, authorise),
      maxAnswerBytes: options.maxAnswerBytes ?? MIB,
      maxSearchBytes: 4 * MIB,
    };
    return {
      loader: family.createLoader(calls),
      campaigns: family.campaigns?.create(calls),
      leadControl: family.leadControl?.create(calls),
      connections,
      authorise,
    };
  }

  function adaptersOf(family: DialerFamily): Adapters {
    const known = adapters.get(family.name) ?? create(family);
    adapters.set(family.name, known);
    return known;
  }

  return {
    loaderFor: (family) => adaptersOf(family).loader,
    campaignsFor: (family) => adaptersOf(family).campaigns,
    leadControlFor: (family) => adaptersOf(family).leadControl,
    async close() {
      for (const { connections } of adapters.values()) connections.close();
      await Promise.all([...adapters.values()].map(({ authorise }) => authorise.idle?.()));
    },
  };
}
