import type { DialerFamily } from '../../family.ts';
import { createVoiceApiLoader } from '../../voice-api/voice-api.ts';

/**
 * RingCX. A dialer's base URL is `https://ringcx.ringcentral.com/voice/api`, its older name, or a legacy host.
 * Source of the limits: RingCentral's RingCX documentation, per sub-account.
 */
export const ringcx: DialerFamily = {
  name: 'ringcx',
  title: 'RingCX',
  // `aws80:<uuid>`. An OAuth access token would last only five minutes.
  token: 'permanentToken',
  authHeader: 'X-Auth-Token',
  windows: {
    upload: [
      { requests: 30, perMs: 10_000 },
      { requests: 120, perMs: 60_000 },
    ],
    readBack: [
      { requests: 15, perMs: 10_000 },
      { requests: 60, perMs: 30_000 },
    ],
  },
  createLoader: createVoiceApiLoader,
};
