/**
 * NewBridge publishes nothing about its lead loader. ASSUMPTION: it shares the RingCX wire format, since the live-feed
 * API describes its answer as being of the same shape. The base URL is the dialer's; the header that carries the token
 * can be configured, and is RingCX's unless told otherwise.
 */
import type { Connections } from './http/connections.ts';
import type { LeadLoader } from './lead-loader.ts';
import { RINGCX_AUTH_HEADER } from './ringcx.ts';
import { type AnswerBounds, createVoiceApiLoader } from './voice-api/voice-api.ts';

export function createNewBridgeLoader(
  connections: Connections,
  bounds: AnswerBounds,
  authHeader: string = RINGCX_AUTH_HEADER,
): LeadLoader {
  return createVoiceApiLoader({ family: 'newbridge', authHeader, connections, bounds });
}
