import {
  type AlertCondition,
  type AlertKind,
  isOfCampaigns,
  writtenDuration,
} from '@live-feed/core/alert/alert-condition';
import {
  WRITTEN_CONDITIONS,
  type WrittenMember,
  writtenHoursOf,
} from '@live-feed/operations/alert/written-condition';
import { button, checkBox, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';

/** In the words of the page. */
export const KIND_NAMES: Readonly<Record<AlertKind, string>> = {
  acceptance: 'Acceptance fell',
  held: 'Dialer held',
  parked: 'Parked leads',
  caps: 'Caller IDs used up',
  backlog: 'Backlog',
  webhook_off: 'Webhook off',
  no_leads: 'No leads',
};

interface Member {
  readonly label: string;
  readonly hint?: string;
}

const SHARE = 'a share such as 60%';
const TIME = 'such as 15m, 2h or 1d';

const MEMBERS: Readonly<Record<AlertKind, Partial<Record<WrittenMember, Member>>>> = {
  acceptance: {
    below: { label: 'Below', hint: SHARE },
    for: { label: 'Of the leads received in', hint: TIME },
    leads: { label: 'At least so many leads', hint: '20 if left out' },
  },
  held: { for: { label: 'For longer than', hint: TIME } },
  parked: { above: { label: 'More leads than' } },
  caps: { above: { label: 'More of today’s caps than', hint: SHARE } },
  backlog: {
    above: { label: 'More waiting leads than', hint: 'this, or an age, or both' },
    olderThan: { label: 'A lead that waits for longer than', hint: TIME },
  },
  webhook_off: {},
  no_leads: {
    for: { label: 'For', hint: TIME },
    hours: {
      label: 'Only in these hours',
      hint: 'in the company’s time zone, such as mon-fri 09:00-18:00; empty: always',
    },
  },
};

/** By field, as it is written. */
export type Values = Readonly<Record<string, string>>;

interface RuleForm {
  readonly kind: AlertKind;
  readonly action: string;
  readonly submit: string;
  readonly values: Values;
  readonly channels: readonly string[];
  readonly chosen: readonly string[];
  /** Whether it asks what the rule is about; a rule that there is stays about the same. */
  readonly asksScope: boolean;
}

export function ruleForm({ kind, action, submit, values, channels, chosen, asksScope }: RuleForm): Markup {
  const shape: Readonly<Record<string, { isOptional(): boolean }>> = WRITTEN_CONDITIONS[kind].shape;
  return html`
    <form method="post" action=${action} class="narrow">
      <input type="hidden" name="kind" value=${kind} />
      ${Object.entries(MEMBERS[kind]).map(([name, { label, hint }]) =>
        textField({
          ...{ name, label, value: values[name], maxlength: 50 },
          ...(hint === undefined ? {} : { hint }),
          required: shape[name]?.isOptional() === false,
        }),
      )}
      ${asksScope ? scopeFields(kind) : null}
      ${textField({
        ...{ name: 'endAfter', label: 'It ends once that has not been so for', hint: TIME, required: true },
        ...{ value: values['endAfter'] ?? '5m', maxlength: 10 },
      })}
      ${channelBoxes(channels, chosen)} ${button(submit)}
    </form>
  `;
}

function scopeFields(kind: AlertKind): Markup {
  const company = textField({
    ...{ name: 'company', label: 'Company', hint: 'name or id; empty: all companies' },
    maxlength: 255,
  });
  if (!isOfCampaigns(kind)) return company;
  return html`
    ${company}
    ${textField({
      ...{ name: 'campaign', label: 'Campaign', hint: 'its id at the dialing system; empty: all campaigns' },
      maxlength: 100,
    })}
    ${checkBox({ name: 'perCampaign', label: 'Look at each campaign by itself' })}
  `;
}

function channelBoxes(channels: readonly string[], chosen: readonly string[]): Markup | null {
  if (channels.length === 0) return null;
  return html`
    <fieldset>
      <legend>Channels that are told; none ticked: all</legend>
      ${channels.map((name, place) =>
        checkBox({
          ...{ name: 'channels', id: `channel-${place}`, value: name, label: name },
          checked: chosen.includes(name),
        }),
      )}
    </fieldset>
  `;
}

/** A condition as its form has it. */
export function valuesOf(condition: AlertCondition, endAfterMs: number): Values {
  const { kind, forMs, olderThanMs, hours, ...rest } = condition as Record<string, unknown> &
    AlertCondition & {
      readonly forMs?: number;
      readonly olderThanMs?: number;
      readonly hours?: Parameters<typeof writtenHoursOf>[0];
    };
  const plain = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, `${value}${kind === 'acceptance' && name === 'below' ? '%' : ''}`]],
  );
  return {
    ...Object.fromEntries(plain),
    ...(forMs === undefined ? {} : { for: writtenDuration(forMs) }),
    ...(olderThanMs === undefined ? {} : { olderThan: writtenDuration(olderThanMs) }),
    ...(hours === undefined ? {} : { hours: writtenHoursOf(hours) }),
    endAfter: writtenDuration(endAfterMs),
  };
}
