import type { CompanyRecord } from '@live-feed/database/directory/companies';
import type { CompanySettings } from '@live-feed/database/directory/company-settings';
import { duration, wholeNumber, writtenDuration } from '@live-feed/operations/inputs/written';
import { headerLines } from '@live-feed/operations/inputs/written-headers';
import { z } from 'zod';
import { button, checkBox, selectField, textArea, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, readForm, ticked } from '../../operations/form-input.ts';
import { unansweredInWords, whenNoAniInWords } from './rules-in-words.ts';

const schema = z.object({
  timeZone: z.string(),
  aniDailyCap: wholeNumber(0, 1_000_000),
  whenNoAni: z.enum(['campaign_default', 'reject']),
  duplicates: z.enum(['off', 'refuse', 'answer']),
  window: blank(duration({ min: '1m', max: '90d' })),
  scope: z.enum(['company', 'campaign']),
  formPosts: ticked,
  checkUrl: blank(z.string()),
  timeout: blank(duration({ min: '1s', max: '5s' })),
  cache: blank(duration({ min: '0s', max: '14d' })),
  unanswered: z.enum(['send', 'refuse']),
  headers: blank(headerLines),
  removeHeaders: ticked,
});

/** All settings are in the form, so all are set; headers that are left empty stay. */
export function settingsOf(body: unknown) {
  const { timeZone, aniDailyCap, whenNoAni, duplicates, window, scope, formPosts, ...check } = readForm(
    schema,
    body,
  );
  const { checkUrl: url, timeout: timeoutMs, cache: cacheMs, unanswered, headers, removeHeaders } = check;
  return {
    ...{ timeZone, aniDailyCap, whenNoAni, formPosts },
    duplicates: duplicates === 'off' ? null : { windowMs: window ?? DAY_MS, action: duplicates, scope },
    check:
      url === undefined
        ? null
        : { url, timeoutMs, cacheMs, unanswered, headers: removeHeaders ? null : headers },
  };
}

const DAY_MS = 86_400_000;

export function settingsForm({ id }: CompanyRecord, settings: CompanySettings): Markup {
  const { timeZone, aniDailyCap, whenNoAni, formPosts } = settings;
  return html`
    <h2>Settings</h2>
    <form method="post" action="companies/${id}" class="narrow">
      ${textField({ name: 'timeZone', label: 'Time zone of its days', hint: 'Such as America/New_York', value: timeZone, required: true })}
      ${textField({ name: 'aniDailyCap', label: 'Most leads a day for a caller ID without a cap of its own', type: 'number', value: aniDailyCap, required: true })}
      ${selectField({
        name: 'whenNoAni',
        label: 'If no caller ID is left',
        value: whenNoAni,
        options: (['campaign_default', 'reject'] as const).map((value) => ({
          value,
          text: whenNoAniInWords(value),
        })),
      })}
      ${duplicateFields(settings)} ${checkBox({ name: 'formPosts', label: 'Leads may come as form posts', checked: formPosts })}
      ${checkFields(settings)} ${button('Save the settings')}
    </form>
  `;
}

function duplicateFields({ duplicates }: CompanySettings): Markup {
  return html`
    <fieldset>
      <legend>Duplicates</legend>
      ${selectField({
        name: 'duplicates',
        label: 'A lead whose phone had another lead shortly before',
        value: duplicates?.action ?? 'off',
        options: [
          { value: 'off', text: 'is taken like any other' },
          { value: 'refuse', text: 'is refused' },
          { value: 'answer', text: "gets the earlier lead's answer" },
        ],
      })}
      ${textField({ name: 'window', label: 'Shortly before: within', hint: '1m to 90d, such as 24h', value: writtenDuration(duplicates?.windowMs ?? DAY_MS) })}
      ${selectField({
        name: 'scope',
        label: 'Which leads are compared',
        value: duplicates?.scope ?? 'company',
        options: [
          { value: 'company', text: 'all of the company' },
          { value: 'campaign', text: 'those of the same campaign' },
        ],
      })}
    </fieldset>
  `;
}

function checkFields({ check }: CompanySettings): Markup {
  return html`
    <fieldset>
      <legend>Check of phones</legend>
      ${textField({ name: 'checkUrl', label: 'Address that is asked about each phone', hint: 'HTTPS; empty: phones are not checked', value: check?.url })}
      ${textField({ name: 'timeout', label: 'Time to answer', hint: '1s to 5s', value: writtenDuration(check?.timeoutMs ?? 2_000) })}
      ${textField({ name: 'cache', label: 'How long an answer holds', hint: '0s to 14d', value: writtenDuration(check?.cacheMs ?? DAY_MS) })}
      ${selectField({
        name: 'unanswered',
        label: 'If it does not answer',
        value: check?.unanswered ?? 'refuse',
        options: (['refuse', 'send'] as const).map((value) => ({ value, text: unansweredInWords(value) })),
      })}
      ${textArea({ name: 'headers', secret: true, label: 'Headers to send along', hint: `A "Name: value" on each line. ${check?.hasHeaders ? 'There are some, which are not shown; empty: they stay.' : 'They are stored encrypted, and never shown.'}` })}
      ${check?.hasHeaders ? checkBox({ name: 'removeHeaders', label: 'Remove the headers' }) : null}
    </fieldset>
  `;
}
