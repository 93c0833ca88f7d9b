import type { CompanyRecord } from '@live-feed/database/directory/companies';
import type { CompanySettings } from '@live-feed/database/directory/company-settings';
import { companyRename } from '@live-feed/operations/company/companies';
import { companyRemove } from '@live-feed/operations/company/company-removal';
import { companySet, companyShow } from '@live-feed/operations/company/company-settings';
import { companyCheck } from '@live-feed/operations/company/phone-check';
import { writtenDuration } from '@live-feed/operations/inputs/written';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { facts } from '../../html/facts.ts';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, readForm } from '../../operations/form-input.ts';
import { from, mayUse, ofAllCompanies } from '../../sign-in/access.ts';
import { companyNav } from './company-nav.ts';
import { duplicatesInWords, unansweredInWords, whenNoAniInWords } from './rules-in-words.ts';
import { settingsForm, settingsOf } from './settings-form.ts';

const RENAME = ofAllCompanies('admin');
const SET = from('admin');
const CHECK = from('operator');

export const companyParams = z.object({ company: z.string() });

export function addCompanyPage(app: FastifyInstance): void {
  app.get('/companies/:company', { config: { access: from('viewer') } }, async (request, reply) => {
    const { company, settings } = await request.perform(companyShow, readForm(companyParams, request.params));
    const person = request.signedIn;
    const may = (access: typeof SET) => person !== null && mayUse(access, person);
    const content = html`
      ${companyNav(company.id, 'settings')} ${settingsFacts(company, settings)}
      ${may(CHECK) && settings.check !== null ? checkForm(company) : null}
      ${may(SET) ? settingsForm(company, settings) : null} ${may(RENAME) ? html`${renameForm(company)} ${removeForm(company)}` : null}
    `;
    return reply.page({ title: company.name, content });
  });

  app.post('/companies/:company', { config: { access: SET } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    await request.perform(companySet, { company, ...settingsOf(request.body) });
    return reply.seeOther(`companies/${company}`, {
      kind: 'done',
      text: 'Changed. It counts within 5 seconds.',
    });
  });

  app.post('/companies/:company/rename', { config: { access: RENAME } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    const { name } = readForm(z.object({ name: z.string() }), request.body);
    const renamed = await request.perform(companyRename, { company, name });
    const text = `"${renamed.was}" is "${renamed.company.name}" now.`;
    return reply.seeOther(`companies/${renamed.company.id}`, { kind: 'done', text });
  });

  app.post('/companies/:company/remove', { config: { access: RENAME } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    const { confirm } = readForm(z.object({ confirm: z.string() }), request.body);
    const removed = await request.perform(companyRemove, { company, confirm });
    const text = `Removed "${removed.company.name}". The audit log stays.`;
    return reply.seeOther('companies', { kind: 'done', text });
  });

  app.post('/companies/:company/check', { config: { access: CHECK } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    const { phone } = readForm(z.object({ phone: blank(z.string()) }), request.body);
    const { answer, tookMs } = await request.perform(companyCheck, { company, phone });
    const isGood = answer.kind === 'answer';
    const text = isGood
      ? answer.allow
        ? 'It allows the phone: its leads are taken.'
        : `It refuses the phone${answer.reason === null ? '' : `: ${answer.reason}`}.`
      : `It did not answer: ${answer.why}.`;
    const flash = { kind: isGood ? 'done' : 'refused', text: `${text} (${tookMs} ms)` } as const;
    return reply.seeOther(`companies/${company}`, flash);
  });
}

function settingsFacts({ id }: CompanyRecord, settings: CompanySettings): Markup {
  const { timeZone, aniDailyCap, whenNoAni, duplicates, formPosts, check } = settings;
  return facts([
    ['Id', html`<code>${id}</code>`],
    ['Its days begin at midnight in', timeZone],
    ['A caller ID is used', `${aniDailyCap} times a day at most, unless it has a cap of its own`],
    ['If no caller ID is left', whenNoAniInWords(whenNoAni)],
    ['Duplicates', duplicatesInWords(duplicates)],
    ['Leads may come as form posts', formPosts ? 'yes' : 'no'],
    [
      'Check of phones',
      check === null
        ? 'none'
        : html`<code>${check.url}</code>, ${writtenDuration(check.timeoutMs)} to answer, an answer holds for ${writtenDuration(check.cacheMs)}; without an answer ${unansweredInWords(check.unanswered)}`,
    ],
  ]);
}

function checkForm({ id }: CompanyRecord): Markup {
  return html`
    <h2>Try the check</h2>
    <form method="post" action="companies/${id}/check" class="narrow">
      ${textField({ name: 'phone', label: 'Phone', hint: 'Empty: a number that nobody has' })}
      ${button('Ask now', 'plain')}
    </form>
  `;
}

function renameForm({ id, name }: CompanyRecord): Markup {
  return html`
    <h2>Rename</h2>
    <form method="post" action="companies/${id}/rename" class="narrow">
      ${textField({ name: 'name', id: 'new-name', label: 'New name', value: name, required: true, maxlength: 255 })}
      ${button('Rename', 'plain')}
    </form>
  `;
}

function removeForm({ id, name }: CompanyRecord): Markup {
  return html`
    <h2>Remove</h2>
    <p>Removes the company for good: its keys, dialer, campaigns, numbers, leads, do-not-call list, figures and webhooks. It is refused while leads are open.</p>
    <form method="post" action="companies/${id}/remove" class="narrow">
      ${textField({ name: 'confirm', label: `Type "${name}"`, required: true, maxlength: 255 })}
      ${button('Remove the company', 'danger')}
    </form>
  `;
}
