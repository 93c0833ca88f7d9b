import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import { z } from 'zod';
import { shortText, wholeNumber } from './written.ts';

/** What a key may do, as people write it. `none` removes a setting. */

export const NONE = 'none';
export type None = typeof NONE;
const none = z.literal(NONE);

const UNITS_MS = { s: 1_000, sec: 1_000, m: 60_000, min: 60_000, h: 3_600_000, hour: 3_600_000 } as const;

const rate = z.string().transform((text, context): RateWindow => {
  const [, requests, many = '1', unit] = /^(\d{1,6})\/(\d{0,4})(s|sec|m|min|h|hour)$/.exec(text) ?? [];
  const perMs = unit === undefined ? 0 : Number(many || 1) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (Number(requests) >= 1 && perMs > 0 && perMs <= UNITS_MS.hour)
    return { requests: Number(requests), perMs };
  context.addIssue({
    code: 'custom',
    message: 'Expected leads in a time of at most an hour, such as 600/min, 20/s or 50/10s; or none.',
  });
  return z.NEVER;
});

const campaignList = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))])
  .pipe(z.array(shortText()).max(1_000));

export const keyLabel = shortText(100);
export const keyRate = z.union([none, rate], { error: unionError });
export const keyDaily = z.union([none, wholeNumber(1, 100_000_000)], { error: unionError });
export const keyCampaigns = z.union([none, campaignList], { error: unionError });

/** A union says of itself only that nothing fits: what the last alternative says helps. */
function unionError({ errors }: { readonly errors?: unknown }): string | undefined {
  const last = (errors as readonly { readonly message: string }[][] | undefined)?.at(-1);
  return last?.[0]?.message;
}

/** For people. */
export function describeLimits({ rate, daily, campaigns, defaultCampaign }: KeySettings): string {
  const limits = [
    ...(rate === undefined ? [] : [describeRate(rate)]),
    ...(daily === undefined ? [] : [`${daily} a day`]),
    ...(campaigns === undefined ? [] : [`campaigns ${campaigns.join(',')}`]),
    ...(defaultCampaign === undefined ? [] : [`default ${defaultCampaign}`]),
  ];
  return limits.length === 0 ? 'none' : limits.join('; ');
}

/** As `--rate` takes it: `600/min`, `50/10s`. */
export function describeRate({ requests, perMs }: RateWindow): string {
  const unit = (['hour', 'min', 's'] as const).find((name) => perMs % UNITS_MS[name] === 0) ?? 's';
  const many = perMs / UNITS_MS[unit];
  return `${requests}/${many === 1 ? '' : many}${unit}`;
}
