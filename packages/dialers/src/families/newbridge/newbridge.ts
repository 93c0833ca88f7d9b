import type { DialerFamily } from '../../family.ts';
import { createVoiceApiLoader } from '../../voice-api/voice-api.ts';
import { directLoadBody } from '../../voice-api/voice-api-request.ts';
import { ringcx } from '../ringcx/ringcx.ts';

/**
 * NewBridge publishes nothing about its lead loader. ASSUMPTION: it has the wire format, the limits and the auth header of RingCX, since
 * the live-feed API describes its answer as having the same shape. `WORKER_NEWBRIDGE_AUTH_HEADER` names another header. Nothing says that it
 * lists campaigns or cancels leads, so it has no such ability.
 */
export const newbridge: DialerFamily = {
  name: 'newbridge',
  title: 'NewBridge',
  token: 'apiAuthToken',
  authHeader: ringcx.authHeader,
  windows: ringcx.windows,
  uploadBody: directLoadBody,
  createLoader: createVoiceApiLoader,
};
