import { PHONE_FORMATS } from '@live-feed/core/directory/dialer-settings';
import { FAMILIES } from '@live-feed/dialers/families';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { dialerSet } from '@live-feed/operations/dialer/dialer-set';
import { dialerShow } from '@live-feed/operations/dialer/dialer-show';
import { token } from '@live-feed/operations/dialer/dialer-values';
import {
  forwardedFields,
  mapping,
  uploadDefault,
  writtenCredential,
} from '@live-feed/operations/dialer/written-settings';
import { rateWindows, wholeNumber, writtenDuration } from '@live-feed/operations/inputs/written';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { button, checkBox, selectField, textArea, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, readForm, ticked } from '../../operations/form-input.ts';
import { from } from '../../sign-in/access.ts';

const ADMIN = { config: { access: from('admin') } };

const params = z.object({ company: z.string() });

/** One on each line. */
function lines<Value extends Readonly<Record<string, unknown>>>(one: z.ZodType<Value, string>) {
  return z.string().transform((text, context): Value => {
    const merged = {};
    for (const line of text.split('\n').map((each) => each.trim())) {
      const reading = line === '' ? undefined : one.safeParse(line);
      if (reading?.success) Object.assign(merged, reading.data);
      for (const { message } of reading?.error?.issues ?? []) {
        context.addIssue({ code: 'custom', message: `"${line}": ${message}` });
      }
    }
    return merged as Value;
  });
}

const settingsForm = z.object({
  family: blank(z.enum(FAMILIES.map(({ name }) => name))),
  ...{ baseUrl: blank(z.string().trim()), accountId: blank(z.string().trim()) },
  ...{ maxInFlight: wholeNumber(1, 64), maxLeadsPerUpload: wholeNumber(1, 1_000) },
  ...{ uploadWindows: rateWindows(), onUnverifiable: z.enum(['park', 'resend']) },
  ...{ uploadDefaults: lines(uploadDefault), map: lines(mapping) },
  ...{ forward: forwardedFields, phoneFormat: z.enum(PHONE_FORMATS), force: ticked },
});

const credentialForm = z.object({ token: blank(token), jwt: blank(writtenCredential) });

/** All that a dialer is set up with, and what it signs in with. */
export function addDialerSettings(app: FastifyInstance): void {
  app.get('/dialers/:company/settings', ADMIN, async (request, reply) => {
    const { company } = await request.perform(companyShow, readForm(params, request.params));
    const dialer = await dialerOf(request, company.id);
    const mayMove = request.signedIn?.companyId === null;
    return reply.page({
      title: `Settings of the dialer of ${company.name}`,
      content: html`
        ${settingsFields(company.id, dialer, mayMove)}
        ${dialer === null ? null : credentialFields(company.id)}
        <p><a href=${dialer === null ? 'dialers' : `dialers/${company.id}`}>Back</a></p>
      `,
    });
  });

  app.post('/dialers/:company/settings', ADMIN, async (request, reply) => {
    const { company } = readForm(params, request.params);
    const { uploadWindows, ...given } = readForm(settingsForm, request.body);
    const dialer = await dialerOf(request, company);
    await request.perform(dialerSet, {
      ...{ ...given, company },
      uploadWindows: uploadWindows === 'documented' ? null : [...uploadWindows],
      uploadDefaults: withRemoved(dialer?.uploadDefaults ?? {}, given.uploadDefaults),
      map: withRemoved(dialer?.leadSettings.map ?? {}, given.map),
      forward: [...given.forward],
    });
    return reply.seeOther(`dialers/${company}/settings`, {
      kind: 'done',
      text: 'The settings are changed. Workers apply them within a second, ingresses within five.',
    });
  });

  app.post('/dialers/:company/credential', ADMIN, async (request, reply) => {
    const { company } = readForm(params, request.params);
    const credential = readForm(credentialForm, request.body);
    if (credential.token === undefined && credential.jwt === undefined) {
      throw new InputError([{ member: 'token', message: 'Give a token or a JWT credential.' }]);
    }
    await request.perform(dialerSet, { company, ...credential });
    return reply.seeOther(`dialers/${company}`, {
      kind: 'done',
      text: 'It signs in with that from now on. Test it.',
    });
  });
}

type Dialer = Awaited<ReturnType<typeof dialerShow.run>>['dialer'];

/** @returns null if the company has none yet */
async function dialerOf(request: FastifyRequest, company: string): Promise<Dialer | null> {
  try {
    return (await request.perform(dialerShow, { company })).dialer;
  } catch (error) {
    if (error instanceof Refusal && error.see?.operation === 'dialer.set') return null;
    throw error;
  }
}

/** Null takes out what is not there any more. */
function withRemoved<Value>(
  before: object,
  given: Readonly<Record<string, Value>>,
): Record<string, Value | null> {
  return { ...Object.fromEntries(Object.keys(before).map((name) => [name, null])), ...given };
}

const written = (values: object) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

function settingsFields(company: string, dialer: Dialer | null, mayMove: boolean): Markup {
  const windows = dialer?.uploadWindows?.map(
    ({ requests, perMs }) => `${requests}/${writtenDuration(perMs)}`,
  );
  const { forward = [], map = {}, phoneFormat = 'national' } = dialer?.leadSettings ?? {};
  return html`
    <form method="post" action="dialers/${company}/settings" class="narrow">
      ${mayMove ? placeFields(dialer) : null}
      ${textField({ name: 'maxInFlight', label: 'Uploads at once', hint: '1 to 64', value: dialer?.maxInFlight ?? 4, required: true })}
      ${textField({ name: 'maxLeadsPerUpload', label: 'Leads in an upload, at most', hint: '1 to 1000', value: dialer?.maxLeadsPerUpload ?? 500, required: true })}
      ${textField({ name: 'uploadWindows', label: 'Uploads in a time, at most', hint: 'Such as 30/10s,120/60s; none; or documented, for those of the family', value: windows === undefined ? 'documented' : windows.join(',') || 'none', required: true })}
      ${selectField({
        name: 'onUnverifiable',
        label: 'Leads that cannot be verified',
        value: dialer?.onUnverifiable ?? 'park',
        options: [
          { value: 'park', text: 'are parked for a person' },
          { value: 'resend', text: 'are sent again, and may double' },
        ],
      })}
      ${textArea({ name: 'uploadDefaults', label: 'Options for callers that give none', hint: 'One on each line, such as dialPriority=IMMEDIATE', value: written(dialer?.uploadDefaults ?? {}) })}
      ${textField({ name: 'forward', label: 'Further fields that are sent on', hint: 'Such as leadPriority,maxPasses; or none', value: forward.join(',') || 'none', required: true })}
      ${textArea({ name: 'map', label: 'What is sent for a value of callers', hint: 'One on each line, such as dialPriority.FIRST_PASS=IMMEDIATE', value: written(map) })}
      ${selectField({
        name: 'phoneFormat',
        label: 'Phones',
        value: phoneFormat,
        options: [
          { value: 'national', text: 'of ten digits' },
          { value: 'e164', text: 'of ten digits, and as E.164 too' },
        ],
      })}
      ${button(dialer === null ? 'Add the dialer' : 'Change the settings')}
    </form>
  `;
}

function placeFields(dialer: Dialer | null): Markup {
  const required = dialer === null;
  return html`
    ${selectField({
      ...{ name: 'family', label: 'Dialing system', required },
      ...{
        value: dialer?.family ?? '',
        options: FAMILIES.map(({ name, title }) => ({ value: name, text: title })),
      },
    })}
    ${textField({ name: 'baseUrl', label: 'Address of its voice API', hint: 'Such as https://ringcx.ringcentral.com/voice/api', value: dialer?.baseUrl, required: true })}
    ${textField({ name: 'accountId', label: 'Account', hint: "The sub-account's id", value: dialer?.accountId, required: true })}
    ${dialer === null ? null : checkBox({ name: 'force', label: 'Change account or address although leads may be on the old one' })}
  `;
}

/** What is there is never shown. */
function credentialFields(company: string): Markup {
  return html`
    <h2>What it signs in with</h2>
    <p>A new one takes the place of the old one at once; a token replaces a JWT credential, and the other way round.</p>
    <form method="post" action="dialers/${company}/credential" class="narrow">
      ${textField({ name: 'token', label: 'API token', type: 'password' })}
      ${textArea({ name: 'jwt', label: 'Or a JWT credential', hint: 'JSON with clientId, clientSecret and jwt', secret: true })}
      ${button('Replace it')}
    </form>
  `;
}
