import { ROLES } from '@live-feed/core/directory/role';
import type { PersonRecord } from '@live-feed/database/people/people';
import {
  personEndSessions,
  personSessions,
  personSetPassword,
  personTotpOff,
} from '@live-feed/operations/person/own-account';
import {
  personAdd,
  personDisable,
  personEnable,
  personList,
  personRemove,
  personSet,
} from '@live-feed/operations/person/people';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { badge } from '../../html/badge.ts';
import { actionButton, button, selectField, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { ofAllCompanies } from '../../sign-in/access.ts';
import { sessionTable } from './session-table.ts';

const ADMINS = { config: { access: ofAllCompanies('admin') } };
const text = z.string().optional();
const idSchema = z.object({ id: z.string() });

export function addPeoplePages(app: FastifyInstance): void {
  app.get('/people', ADMINS, async (request, reply) => {
    const { people } = await request.perform(personList, {});
    return reply.page({ title: 'People', content: html`${peopleTable(people)} ${addForm()}` });
  });

  app.post('/people', ADMINS, async (request, reply) => {
    const { name, role, company, password } = z
      .object({ name: z.string(), role: z.enum(ROLES), company: text, password: text })
      .parse(request.body);
    const { person } = await request.perform(personAdd, {
      ...{ name, role },
      ...(company ? { company } : {}),
      ...(password ? { password } : {}),
    });
    return reply.seeOther(`people/${person.id}`, { kind: 'done', text: `"${person.name}" was added.` });
  });

  app.get('/people/:id', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    const { person, sessions } = await request.perform(personSessions, { person: id });
    return reply.page({
      title: person.name,
      content: html`
        ${facts(person)} ${settingsForm(person)} ${passwordForm(person)} ${switches(person)}
        <h2>Sessions</h2>
        ${sessionTable(sessions, { action: `people/${id}/sessions/end`, currentId: request.signedIn?.sessionId })}
      `,
    });
  });

  app.post('/people/:id', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    const { role, company } = z.object({ role: z.enum(ROLES), company: text }).parse(request.body);
    await request.perform(personSet, { person: id, role, company: company || null });
    return reply.seeOther(`people/${id}`, { kind: 'done', text: 'What this person may do was changed.' });
  });

  app.post('/people/:id/password', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    const { password } = z.object({ password: z.string() }).parse(request.body);
    await request.perform(personSetPassword, { person: id, password });
    return reply.seeOther(`people/${id}`, {
      kind: 'done',
      text: 'The password was set, and the sessions ended.',
    });
  });

  app.post('/people/:id/totp/off', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    await request.perform(personTotpOff, { person: id });
    return reply.seeOther(`people/${id}`, { kind: 'done', text: 'No one-time code is asked for any more.' });
  });

  for (const [verb, operation, told] of [
    ['disable', personDisable, 'This person cannot sign in any more; the sessions ended.'],
    ['enable', personEnable, 'This person can sign in again.'],
  ] as const) {
    app.post(`/people/:id/${verb}`, ADMINS, async (request, reply) => {
      const { id } = idSchema.parse(request.params);
      await request.perform(operation, { person: id });
      return reply.seeOther(`people/${id}`, { kind: 'done', text: told });
    });
  }

  app.post('/people/:id/remove', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    const { removed } = await request.perform(personRemove, { person: id });
    return reply.seeOther('people', { kind: 'done', text: `"${removed}" was removed.` });
  });

  app.post('/people/:id/sessions/end', ADMINS, async (request, reply) => {
    const { id } = idSchema.parse(request.params);
    const { session } = z.object({ session: text }).parse(request.body ?? {});
    const { ended } = await request.perform(personEndSessions, {
      person: id,
      ...(session ? { session } : {}),
    });
    return reply.seeOther(`people/${id}`, { kind: 'done', text: `Sessions ended: ${ended}.` });
  });
}

function peopleTable(people: readonly PersonRecord[]): Markup {
  return table({
    caption: 'People who may sign in',
    columns: [
      { title: 'Name', cell: ({ id, name }) => html`<a href="people/${id}">${name}</a>` },
      { title: 'Role', cell: ({ role }) => role },
      { title: 'Company', cell: ({ company }) => company ?? 'all' },
      { title: 'Signs in with', cell: signsInWith },
      { title: 'State', cell: state },
      { title: 'Last sign-in', cell: ({ signedInAt }) => (signedInAt === null ? 'never' : time(signedInAt)) },
    ],
    rows: people,
    empty: 'There is nobody yet.',
  });
}

function state({ disabledAt }: PersonRecord): Markup {
  return disabledAt === null ? badge('good', 'active') : badge('off', 'disabled');
}

function signsInWith({ hasPassword, hasTotp }: PersonRecord): string {
  if (!hasPassword) return 'OpenID Connect';
  return hasTotp ? 'password and one-time code' : 'password';
}

const ROLE_OPTIONS = [
  { value: 'viewer', text: 'viewer: looks' },
  { value: 'operator', text: 'operator: runs what is there' },
  { value: 'admin', text: 'admin: everything' },
];

function addForm(): Markup {
  return html`
    <section>
      <h2>Add somebody</h2>
      <form method="post" action="people" class="narrow">
        ${textField({ name: 'name', label: 'E-mail address or user name', required: true, maxlength: 320 })}
        ${selectField({ name: 'role', label: 'Role', options: ROLE_OPTIONS, value: 'viewer' })}
        ${textField({ name: 'company', label: 'Company', hint: 'Named: they see this one only, such as a client its own leads. Empty: they see all companies' })}
        ${textField({
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'new-password',
          hint: 'At least 12 characters. Empty: they sign in with OpenID Connect',
        })}
        ${button('Add')}
      </form>
    </section>
  `;
}

function facts(person: PersonRecord): Markup {
  return html`
    <dl class="facts">
      <dt>State</dt>
      <dd>${state(person)}</dd>
      <dt>Signs in with</dt>
      <dd>${signsInWith(person)}</dd>
      <dt>Added</dt>
      <dd>${time(person.createdAt)}</dd>
      <dt>Last sign-in</dt>
      <dd>${person.signedInAt === null ? 'never' : time(person.signedInAt)}</dd>
    </dl>
  `;
}

function settingsForm({ id, role, company }: PersonRecord): Markup {
  return html`
    <section>
      <h2>What they may do</h2>
      <form method="post" action="people/${id}" class="narrow">
        ${selectField({ name: 'role', label: 'Role', options: ROLE_OPTIONS, value: role })}
        ${textField({
          name: 'company',
          label: 'Company',
          value: company ?? '',
          hint: 'Named: they see this one only, such as a client its own leads. Empty: they see all companies',
        })}
        ${button('Change')}
      </form>
    </section>
  `;
}

function passwordForm({ id }: PersonRecord): Markup {
  return html`
    <section>
      <h2>New password</h2>
      <form method="post" action="people/${id}/password" class="narrow">
        ${textField({
          name: 'password',
          label: 'New password',
          type: 'password',
          autocomplete: 'new-password',
          required: true,
          hint: 'At least 12 characters; their sessions end',
        })}
        ${button('Set')}
      </form>
    </section>
  `;
}

function switches({ id, disabledAt, hasTotp }: PersonRecord): Markup {
  return html`
    <p>
      ${
        disabledAt === null
          ? actionButton(`people/${id}/disable`, 'Disable', { kind: 'danger' })
          : actionButton(`people/${id}/enable`, 'Enable')
      }
      ${hasTotp ? actionButton(`people/${id}/totp/off`, 'Ask for no one-time code', { kind: 'danger' }) : null}
      ${actionButton(`people/${id}/remove`, 'Remove', { kind: 'danger' })}
    </p>
  `;
}
