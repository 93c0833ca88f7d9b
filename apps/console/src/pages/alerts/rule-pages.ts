import { ALERT_KINDS, type AlertCondition, type AlertKind } from '@live-feed/core/alert/alert-condition';
import { alertChannelList } from '@live-feed/operations/alert/alert-channels';
import { alertAdd, alertList, alertRemove, alertSet } from '@live-feed/operations/alert/alert-rules';
import { readCondition } from '@live-feed/operations/alert/written-condition';
import { duration } from '@live-feed/operations/inputs/written';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actionButton } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, readForm, several, ticked } from '../../operations/form-input.ts';
import { ofAllCompanies } from '../../sign-in/access.ts';
import { KIND_NAMES, ruleForm, valuesOf } from './rule-form.ts';

/** Adding and changing a rule. */

const CHANGE = ofAllCompanies('operator');

const kindField = z.object({ kind: z.string().default('') });
const switchField = z.object({ to: z.string() });
/** Members of conditions, as the forms name them. */
const WRITTEN_MEMBERS = ['below', 'above', 'for', 'leads', 'olderThan', 'hours'];

/** As the form of a rule sends it; what a condition has depends on its kind. */
const ruleFields = z.looseObject({
  kind: z.string().default(''),
  company: blank(z.string()),
  campaign: blank(z.string()),
  perCampaign: ticked,
  channels: several,
});

export function addRulePages(app: FastifyInstance): void {
  app.get('/alerts/rules/new', { config: { access: CHANGE } }, async (request, reply) => {
    const kind = kindOf(readForm(kindField, request.query));
    const form = ruleForm({
      ...{ kind, values: {}, chosen: [], asksScope: true },
      ...{ action: 'alerts/rules', submit: 'Add the rule', channels: await channelNames(request) },
    });
    return reply.page({ title: `New rule: ${KIND_NAMES[kind]}`, content: form });
  });

  app.post('/alerts/rules', { config: { access: CHANGE } }, async (request, reply) => {
    const { company, campaign, perCampaign, channels, ...written } = readForm(ruleFields, request.body);
    const { rule } = await request.perform(alertAdd, {
      ...readRule(kindOf(written), written),
      ...{ company, campaignId: campaign, perCampaign, channels },
    });
    return reply.seeOther('alerts', { kind: 'done', text: `Added: ${rule.text}.` });
  });

  app.get('/alerts/rules/:rule', { config: { access: CHANGE } }, async (request, reply) => {
    const rule = await theRule(request);
    return reply.page({
      title: `Rule: ${KIND_NAMES[rule.condition.kind]}`,
      content: ruleContent(rule, await channelNames(request)),
    });
  });

  app.post('/alerts/rules/:rule', { config: { access: CHANGE } }, async (request, reply) => {
    const rule = await theRule(request);
    const { channels, ...written } = readForm(ruleFields, request.body);
    const { condition, endAfterMs } = readRule(rule.condition.kind, written);
    const isSame = JSON.stringify(valuesOf(condition, 0)) === JSON.stringify(valuesOf(rule.condition, 0));
    const { rule: changed } = await request.perform(alertSet, {
      ...{ rule: rule.id, endAfterMs, channels },
      // What burns goes on if only its channels are others.
      ...(isSame ? {} : { condition }),
    });
    return reply.seeOther('alerts', { kind: 'done', text: `Changed: ${changed.text}.` });
  });

  app.post('/alerts/rules/:rule/switch', { config: { access: CHANGE } }, async (request, reply) => {
    const on = readForm(switchField, request.body).to === 'on';
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
function kindOf({ kind }: { readonly kind: string }): AlertKind {
  const known = ALERT_KINDS.find((one) => one === kind);
  if (known !== undefined) return known;
  throw new Refusal('There is no such kind of rule.', {
    kind: 'not_found',
    see: { operation: 'alert.list' },
  });
}

/** @throws InputError */
function readRule(
  kind: AlertKind,
  fields: Readonly<Record<string, unknown>>,
): { readonly condition: AlertCondition; readonly endAfterMs: number } {
  const written = Object.fromEntries(
    WRITTEN_MEMBERS.flatMap((name) =>
      typeof fields[name] === 'string' ? [[name, fields[name].trim()]] : [],
    ),
  );
  const reading = readCondition(kind, written);
  const endAfter = duration({ min: '1m', max: '1d' }).safeParse(fields['endAfter'] ?? '');
  const problems = [
    ...(reading.ok ? [] : reading.problems),
    ...(endAfter.success
      ? []
      : endAfter.error.issues.map(({ message }) => ({ member: 'endAfter', message }))),
  ];
  if (!reading.ok || !endAfter.success) throw new InputError(problems);
  // The operation parses it once more.
  return { condition: reading.condition as AlertCondition, endAfterMs: endAfter.data };
}

async function channelNames(request: FastifyRequest): Promise<string[]> {
  return (await request.perform(alertChannelList, {})).channels.map(({ name }) => name);
}

function ruleContent(rule: Rule, channels: readonly string[]): Markup {
  const { id, condition, disabledAt, endAfterMs, text, companyName, campaignName } = rule;
  const action = `alerts/rules/${id}`;
  const isOn = disabledAt === null;
  const about = [
    companyName ?? 'all companies',
    ...(campaignName === null ? [] : [`campaign ${campaignName}`]),
  ];
  return html`
    <p>${text}, of ${about.join(', ')}. With another condition, or off, what burns ends, and its channels are told.</p>
    ${ruleForm({
      ...{ kind: condition.kind, values: valuesOf(condition, endAfterMs), chosen: rule.channels },
      ...{ asksScope: false, action, submit: 'Change the rule', channels },
    })}
    <p>
      ${actionButton(`${action}/switch`, isOn ? 'Switch off' : 'Switch on', { hidden: { to: isOn ? 'off' : 'on' } })}
      ${actionButton(`${action}/remove`, 'Remove', { kind: 'danger' })}
    </p>
  `;
}
