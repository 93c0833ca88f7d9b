import type { DialerFamily } from '../../family.ts';
import { createCampaignSource } from '../../voice-api/account/campaign-source.ts';
import { createLeadControl } from '../../voice-api/account/lead-control.ts';
import { createVoiceApiLoader } from '../../voice-api/voice-api.ts';
import { directLoadBody } from '../../voice-api/voice-api-request.ts';
import { authoriseRingcx } from './sign-in/authorise-ringcx.ts';

/**
 * RingCX. A dialer's base URL is `https://ringcx.ringcentral.com/voice/api`, its older name, or a legacy host.
 * Source of the limits: RingCentral's RingCX documentation, per sub-account.
 */
export const ringcx: DialerFamily = {
  name: 'ringcx',
  title: 'RingCX',
  // `aws80:<uuid>`.
  token: 'permanentToken',
  authHeader: 'X-Auth-Token',
  // The default of RingCentral's documentation: access tokens that last five minutes.
  signIn: authoriseRingcx,
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
  campaignIdProblem,
  uploadBody: directLoadBody,
  createLoader: createVoiceApiLoader,
  // No limit is published for lists. This is the short one of uploads.
  campaigns: { windows: [{ requests: 30, perMs: 10_000 }], create: createCampaignSource },
  leadControl: {
    windows: [
      { requests: 30, perMs: 10_000 },
      { requests: 120, perMs: 60_000 },
    ],
    create: createLeadControl,
  },
};

/** An `int32` in RingCX's OpenAPI file. */
function campaignIdProblem(campaignId: string): string | undefined {
  if (/^[1-9]\d{0,9}$/.test(campaignId) && Number(campaignId) < 2 ** 31) return undefined;
  return `campaign ids are whole numbers from 1 to ${2 ** 31 - 1}`;
}
