import type { KeySettings } from '@live-feed/core/directory/key-settings';
import { duration } from '@live-feed/operations/inputs/written';
import {
  describeRate,
  keyCampaigns,
  keyDaily,
  keyLabel,
  keyRate,
  NONE,
} from '@live-feed/operations/inputs/written-key-settings';
import { z } from 'zod';
import { textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank } from '../../operations/form-input.ts';

/** What a key may do, in the forms of keys. An empty field is no limit. */
export const keyFields = {
  label: blank(keyLabel),
  rate: blank(keyRate),
  daily: blank(keyDaily),
  campaigns: blank(keyCampaigns),
  defaultCampaign: blank(z.string().trim()),
};

type Fields = z.output<z.ZodObject<typeof keyFields>>;

/** All settings are in the form, so all are set. */
export function keySettingsOf({ label, rate, daily, campaigns, defaultCampaign }: Fields) {
  return {
    label: label ?? null,
    rate: rate === undefined || rate === NONE ? null : rate,
    daily: daily === undefined || daily === NONE ? null : daily,
    campaigns: campaigns === undefined || campaigns === NONE ? null : campaigns,
    defaultCampaign: defaultCampaign ?? null,
  };
}

export const expiresIn = blank(duration({ min: '1m', max: '3650d' }));

export function keyFieldsOf({ label, rate, daily, campaigns, defaultCampaign }: KeySettings): Markup {
  return html`
    ${textField({ name: 'label', label: 'Label', hint: 'Who has the key: the source of the leads that come with it', value: label, maxlength: 100 })}
    ${textField({ name: 'rate', label: 'Most leads in a time', hint: 'Such as 600/min or 50/10s; empty: no limit', value: rate && describeRate(rate) })}
    ${textField({ name: 'daily', label: 'Most leads a day', hint: "In the company's time zone; empty: no limit", value: daily })}
    ${textField({ name: 'campaigns', label: 'Only these campaigns', hint: 'Ids, separated by commas; empty: all', value: campaigns?.join(', ') })}
    ${textField({ name: 'defaultCampaign', label: 'Campaign of leads that name none', value: defaultCampaign })}
  `;
}

export function expiresField(): Markup {
  return textField({ name: 'expiresIn', label: 'Expires in', hint: 'Such as 365d; empty: never' });
}
