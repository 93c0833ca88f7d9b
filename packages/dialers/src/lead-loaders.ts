/** The lead loaders of every supported family, made once per process. */

import type { SupportedFamily } from './families.ts';
import { type ConnectionSettings, createConnections } from './http/connections.ts';
import type { CallLimits, LeadLoader } from './lead-loader.ts';
import { createNewBridgeLoader } from './newbridge.ts';
import { createRingCxLoader } from './ringcx.ts';

export interface LeadLoadersOptions {
  /** Default: connect 3 s, upload 10 s. */
  readonly limits?: CallLimits;
  /** Longest answer to an upload that is read, in bytes; beyond it the outcome is unknown. Default: 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** Defaults: 256 connections in use and 64 idle per host, idle ones kept for 4 s. */
  readonly connections?: Partial<Omit<ConnectionSettings, 'connectMs'>>;
  /** The header that carries a NewBridge token. Default: RingCX's. */
  readonly newBridgeAuthHeader?: string;
}

const MIB = 1024 * 1024;

export interface LeadLoaders {
  loaderFor(family: SupportedFamily): LeadLoader;
  /** Breaks off what is under way and closes pooled connections. */
  close(): Promise<void>;
}

export function createLeadLoaders(options: LeadLoadersOptions = {}): LeadLoaders {
  const limits = options.limits ?? { connectMs: 3_000, uploadMs: 10_000 };
  const maxAnswerBytes = options.maxAnswerBytes ?? MIB;
  const bounds = { limits, maxAnswerBytes, maxSearchBytes: 4 * MIB };
  const connections = () =>
    createConnections({
      maxSockets: 256,
      maxFreeSockets: 64,
      idleMs: 4_000,
      ...options.connections,
      connectMs: limits.connectMs,
    });

  const loaders: Record<SupportedFamily, LeadLoader> = {
    ringcx: createRingCxLoader(connections(), bounds),
    newbridge: createNewBridgeLoader(connections(), bounds, options.newBridgeAuthHeader),
  };
  return {
    loaderFor: (family) => loaders[family],
    async close() {
      await Promise.all(Object.values(loaders).map((loader) => loader.close()));
    },
  };
}
