/** RingCX: `https://ringcx.ringcentral.com/voice/api`, its older name, or a legacy host; which is the dialer's `baseUrl`. */
import type { Connections } from './http/connections.ts';
import type { LeadLoader } from './lead-loader.ts';
import { type AnswerBounds, createVoiceApiLoader } from './voice-api/voice-api.ts';

/** The header of a permanent API token (`aws80:<uuid>`); an OAuth access token would last only five minutes. */
export const RINGCX_AUTH_HEADER = 'X-Auth-Token';

export function createRingCxLoader(connections: Connections, bounds: AnswerBounds): LeadLoader {
  return createVoiceApiLoader({
    family: 'ringcx',
    authHeader: RINGCX_AUTH_HEADER,
    connections,
    bounds,
  });
}
