import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { NONE, type None } from '@live-feed/operations/inputs/written-key-settings';

/** The options that say what a key may do. `none` removes a setting; one without an option does not change. */
export interface KeySettingOptions {
  readonly label?: string | undefined;
  readonly rate?: RateWindow | None | undefined;
  readonly daily?: number | None | undefined;
  readonly campaigns?: string[] | None | undefined;
  readonly defaultCampaign?: string | undefined;
}

/** As the operations take them: null removes one. */
export function settingsOf({ label, rate, daily, campaigns, defaultCampaign }: KeySettingOptions) {
  return {
    label: orNone(label),
    rate: orNone(rate),
    daily: orNone(daily),
    campaigns: orNone(campaigns),
    defaultCampaign: orNone(defaultCampaign),
  };
}

/** Commander's parsers must not return null. */
function orNone<Value>(value: Value | None | undefined): Value | null | undefined {
  return value === NONE ? null : value;
}
