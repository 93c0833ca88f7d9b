import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { type KeySettings, keySettingsSchema } from '@live-feed/core/directory/key-settings';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { z } from 'zod';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';

/** The options that say what a key may do. `none` removes a setting; one without an option does not change. */
export interface KeySettingOptions {
  readonly label?: string | undefined;
  readonly rate?: RateWindow | None | undefined;
  readonly daily?: number | None | undefined;
  readonly campaigns?: readonly string[] | None | undefined;
  readonly defaultCampaign?: string | undefined;
}

type None = typeof NONE;
const NONE = 'none';
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

/** The parsers of the command line. */
export const keyLabel = shortText(100);
export const keyRate = z.union([none, rate], { error: unionError });
export const keyDaily = z.union([none, wholeNumber(1, 100_000_000)], { error: unionError });
export const keyCampaigns = z.union([none, campaignList], { error: unionError });

/** A union says of itself only that nothing fits: what the last alternative says helps. */
function unionError({ errors }: { readonly errors?: unknown }): string | undefined {
  const last = (errors as readonly { readonly message: string }[][] | undefined)?.at(-1);
  return last?.[0]?.message;
}

export function namesSettings(options: KeySettingOptions): boolean {
  const { label, rate, daily, campaigns, defaultCampaign } = options;
  return [label, rate, daily, campaigns, defaultCampaign].some((value) => value !== undefined);
}

/** @throws Refusal for campaigns that the company does not have */
export async function changedSettings(
  { database }: Session,
  company: CompanyRecord,
  present: KeySettings,
  options: KeySettingOptions,
): Promise<KeySettings> {
  const { label, rate, daily, campaigns, defaultCampaign } = options;
  const named = Object.entries({ label, rate, daily, campaigns, defaultCampaign }).filter(
    ([, value]) => value !== undefined,
  );
  const changed = { ...present, ...Object.fromEntries(named) };
  const settings = keySettingsSchema.parse(
    Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== NONE)),
  );
  const only = settings.campaigns;
  const ofDefault = settings.defaultCampaign;
  if (only !== undefined && ofDefault !== undefined && !only.includes(ofDefault)) {
    throw new UsageError(`The key may not load its default campaign ${ofDefault}: add it to --campaigns.`);
  }
  const meant = new Set([...(only ?? []), ...(ofDefault === undefined ? [] : [ofDefault])]);
  if (meant.size === 0) return settings;
  for (const { campaignId } of await listCampaigns(database, company.id)) meant.delete(campaignId);
  if (meant.size === 0) return settings;
  throw new Refusal(
    `"${company.name}" has no campaign ${[...meant].join(', ')}. Nothing was changed. See: ${hint`campaign list ${company.name}`}`,
  );
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
function describeRate({ requests, perMs }: RateWindow): string {
  const unit = (['hour', 'min', 's'] as const).find((name) => perMs % UNITS_MS[name] === 0) ?? 's';
  const many = perMs / UNITS_MS[unit];
  return `${requests}/${many === 1 ? '' : many}${unit}`;
}
