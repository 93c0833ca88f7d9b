import { flag, headerName, host, list, port } from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';

/** The simulator's variables. */
export const simulatorEnvironment = z.object({
  ...processVariables,
  PORT: port().default(0).describe('the port to listen on; 0 takes any free port'),
  HOST: host().default('127.0.0.1').describe('the address to listen on'),
  ENFORCE_LIMITS: flag().default(false).describe("enforce RingCX's rate windows from the start"),
  LOG_REQUESTS: flag().default(false).describe('log every request to standard error'),
  TOKENS: list().optional().describe('the only API tokens accepted, instead of any of the right shape'),
  NEWBRIDGE_AUTH_HEADER: headerName()
    .default('X-Auth-Token')
    .describe('the header that carries a NewBridge token'),
});
