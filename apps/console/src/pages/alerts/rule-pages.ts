import { ALERT_KINDS, type AlertCondition, type AlertKind } from '@live-feed/core/alert/alert-condition';
import { alertChannelList } from '@live-feed/operations/alert/alert-channels';
import { alertAdd, alertList, alertRemove, alertSet } from '@live-feed/operations/alert/alert-rules';
import { readCondition } from '@live-feed/operations/alert/written-condition';
import { duration } from '@live-feed/operations/inputs/written';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actionButton } from '../../html/form.ts';
import { html } from '../../html/html.ts';
import { refusal } from '../../html/notice.ts';
import { ofAllCompanies } from '../../sign-in/access.ts';
import { type FormBody, formBody, formList } from './form-body.ts';
import { KIND_NAMES, type RuleForm, ruleForm, valuesOf } from './rule-form.ts';

/** Adding and changing a rule. */

const CHANGE = ofAllCompanies('operator');

export function addRulePages(app: FastifyInstance): void {
  app.get('/alerts/rules/new', { config: { access: CHANGE } }, async (request, reply) =>
    newRulePage(request, reply, kindOf(formBody(request.query)), {}, []),
  );

  app.post('/alerts/rules', { config: { access: CHANGE } }, async (request, reply) => {
    const body = formBody(request.body);
    const kind = kindOf(body);
    const chosen = formList(request.body, 'channels');
    const read = readRule(kind, body);
    if (!read.ok) return newRulePage(request, reply, kind, body, chosen, read.errors);
    const { company = '', campaign = '', perCampaign } = body;
    try {
      const { rule } = await request.perform(alertAdd, {
        ...{ condition: read.condition, endAfterMs: read.endAfterMs, channels: chosen },
        ...(company === '' ? {} : { company }),
        ...(campaign === '' ? {} : { campaignId: campaign }),
        perCampaign: perCampaign === 'true',
      });
      return reply.seeOther('alerts', { kind: 'done', text: `Added: ${rule.text}.` });
    } catch (error) {
      // What was written is not lost.
      if (error instanceof Refusal || error instanceof InputError)
        return newRulePage(request, reply, kind, body, chosen, {}, error.message);
      throw error;
    }
  });

  app.get('/alerts/rules/:rule', { config: { access: CHANGE } }, async (request, reply) => {
    const rule = await theRule(request);
    return rulePage(request, reply, rule, valuesOf(rule.condition, rule.endAfterMs), rule.channels, {});
  });

  app.post('/alerts/rules/:rule', { config: { access: CHANGE } }, async (request, reply) => {
    const rule = await theRule(request);
    const body = formBody(request.body);
    const chosen = formList(request.body, 'channels');
    const read = readRule(rule.condition.kind, body);
    if (!read.ok) return rulePage(request, reply, rule, body, chosen, read.errors);
    const isSame =
      JSON.stringify(valuesOf(read.condition, 0)) === JSON.stringify(valuesOf(rule.condition, 0));
    const { rule: changed } = await request.perform(alertSet, {
      ...{ rule: rule.id, endAfterMs: read.endAfterMs, channels: chosen },
      // What burns goes on if only its channels are others.
      ...(isSame ? {} : { condition: read.condition }),
    });
    return reply.seeOther('alerts', { kind: 'done', text: `Changed: ${changed.text}.` });
  });

  app.post('/alerts/rules/:rule/switch', { config: { access: CHANGE } }, async (request, reply) => {
    const on = formBody(request.body)['to'] === 'on';
    const { rule } = await request.perform(alertSet, { rule: idOf(request), on });
    return reply.seeOther('alerts', { kind: 'done', text: `It is ${on ? 'on' : 'off'}: ${rule.text}.` });
  });

  app.post('/alerts/rules/:rule/remove', { config: { access: CHANGE } }, async (request, reply) => {
    const { rule } = await request.perform(alertRemove, { rule: idOf(request) });
    return reply.seeOther('alerts', { kind: 'done', text: `Removed: ${rule.text}.` });
  });
}

type Rule = Awaited<ReturnType<typeof theRule>>;

async function theRule(request: FastifyRequest) {
  const { rules } = await request.perform(alertList, {});
  const rule = rules.find(({ id }) => id === idOf(request));
  if (rule !== undefined) return rule;
  throw new Refusal('There is no rule with that id.', {
    kind: 'not_found',
    see: { operation: 'alert.list' },
  });
}

function idOf(request: FastifyRequest): string {
  return String((request.params as Readonly<Record<string, string>>)['rule']).toLowerCase();
}

/** @throws Refusal */
function kindOf({ kind }: FormBody): AlertKind {
  const known = ALERT_KINDS.find((one) => one === kind);
  if (known !== undefined) return known;
  throw new Refusal('There is no such kind of rule.', {
    kind: 'not_found',
    see: { operation: 'alert.list' },
  });
}

type ReadRule =
  | { readonly ok: true; readonly condition: AlertCondition; readonly endAfterMs: number }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> };

function readRule(kind: AlertKind, body: FormBody): ReadRule {
  const { below, above, for: time, leads, olderThan, hours } = body;
  const written = Object.fromEntries(
    Object.entries({ below, above, for: time, leads, olderThan, hours }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const reading = readCondition(kind, written);
  const endAfter = duration({ min: '1m', max: '1d' }).safeParse(body['endAfter'] ?? '');
  // The operation parses it once more.
  if (reading.ok && endAfter.success)
    return { ok: true, condition: reading.condition as AlertCondition, endAfterMs: endAfter.data };
  const problems = reading.ok ? [] : reading.problems;
  return {
    ok: false,
    errors: {
      ...Object.fromEntries(problems.map(({ member, message }) => [member, message])),
      ...(endAfter.success ? {} : { endAfter: endAfter.error.issues[0]?.message ?? 'Expected a duration.' }),
    },
  };
}

async function channelNames(request: FastifyRequest): Promise<string[]> {
  return (await request.perform(alertChannelList, {})).channels.map(({ name }) => name);
}

async function newRulePage(
  request: FastifyRequest,
  reply: FastifyReply,
  kind: AlertKind,
  values: FormBody,
  chosen: readonly string[],
  errors: RuleForm['errors'] = {},
  refused?: string,
): Promise<FastifyReply> {
  const form = ruleForm({
    ...{ kind, values, errors, chosen, asksScope: true },
    ...{ action: 'alerts/rules', submit: 'Add the rule', channels: await channelNames(request) },
  });
  const isRefused = refused !== undefined || Object.keys(errors).length > 0;
  return reply.page({
    title: `New rule: ${KIND_NAMES[kind]}`,
    content: html`${refused === undefined ? null : refusal(refused)} ${form}`,
    status: isRefused ? 400 : 200,
  });
}

async function rulePage(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, condition, disabledAt, text, companyName, campaignName }: Rule,
  values: FormBody,
  chosen: readonly string[],
  errors: RuleForm['errors'],
): Promise<FastifyReply> {
  const action = `alerts/rules/${id}`;
  const isOn = disabledAt === null;
  const about = [
    companyName ?? 'all companies',
    ...(campaignName === null ? [] : [`campaign ${campaignName}`]),
  ];
  const content = html`
    <p>${text}, of ${about.join(', ')}. With another condition, or off, what burns ends, and its channels are told.</p>
    ${ruleForm({
      ...{
        kind: condition.kind,
        values,
        errors,
        chosen,
        asksScope: false,
        action,
        submit: 'Change the rule',
      },
      channels: await channelNames(request),
    })}
    <p>
      ${actionButton(`${action}/switch`, isOn ? 'Switch off' : 'Switch on', { hidden: { to: isOn ? 'off' : 'on' } })}
      ${actionButton(`${action}/remove`, 'Remove', { kind: 'danger' })}
    </p>
  `;
  const status = Object.keys(errors).length > 0 ? 400 : 200;
  return reply.page({ title: `Rule: ${KIND_NAMES[condition.kind]}`, content, status });
}
