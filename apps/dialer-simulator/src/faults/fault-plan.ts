/** Decides the faults of a request by the scenario's rules, layer by layer, and counts the uses of each rule. */

import type { Operation, SignInStep } from '../control/statistics.ts';
import type { AnswerFault, LeadFault } from './fault-kinds.ts';
import { createMatcher, type Matcher, type Occasion } from './rule-match.ts';
import type { Rule, Scenario } from './scenario.ts';

export interface FaultPlan {
  readonly delayMs: number;
  /** How long a loaded lead is missing from read-backs; 0 without such a rule. */
  readonly lagMs: number;
  readonly answer: AnswerFault | null;
  /** The fault of a single lead. It draws a random number, so call it once per lead. */
  readonly ofLead: (lead: Occasion['leads'][number]) => LeadFault | null;
}

interface TrackedRule {
  readonly rule: Rule;
  readonly matcher: Matcher;
  applied: number;
}

export type FaultPlanner = ReturnType<typeof createFaultPlanner>;

const NO_FAULTS: FaultPlan = { delayMs: 0, lagMs: 0, answer: null, ofLead: () => null };

/** @param random uniform in [0, 1), as `Math.random`. */
export function createFaultPlanner(rules: Scenario['rules'], random: () => number) {
  const tracked: TrackedRule[] = rules.map((rule) => ({
    rule,
    matcher: createMatcher(rule.match),
    applied: 0,
  }));

  const happens = (rule: Rule) => rule.probability >= 1 || random() < rule.probability;

  return {
    /** Decides for one request and counts the rules that apply. `describe` is only called if there are rules. */
    plan(operation: Operation | SignInStep, describe: () => Occasion): FaultPlan {
      if (tracked.length === 0) return NO_FAULTS;
      const occasion = describe();
      let delayMs: number | null = null;
      let lagMs: number | null = null;
      let answer: AnswerFault | null = null;
      const ofLeads: TrackedRule[] = [];

      for (const candidate of tracked) {
        const { rule, matcher } = candidate;
        if (rule.on !== operation || !matcher.request(occasion)) continue;
        if (rule.times !== undefined && candidate.applied >= rule.times) continue;
        const { fault } = rule;
        if (fault.kind === 'reject' || fault.kind === 'acceptedNotInserted') {
          ofLeads.push(candidate);
        } else if (fault.kind === 'delay') {
          if (delayMs !== null || !happens(rule)) continue;
          delayMs = fault.ms + random() * fault.jitterMs;
        } else if (fault.kind === 'lag') {
          if (lagMs !== null || !happens(rule)) continue;
          lagMs = fault.ms;
        } else {
          if (answer !== null || !happens(rule)) continue;
          answer = fault;
        }
        candidate.applied += 1;
      }

      return {
        delayMs: delayMs ?? 0,
        lagMs: lagMs ?? 0,
        answer,
        ofLead: (lead) => leadFault(ofLeads.find((it) => it.matcher.lead(lead) && happens(it.rule))?.rule),
      };
    },

    /** How many requests each rule has been applied to, in the order of the rules. */
    applied: () => tracked.map((it) => it.applied),
  };
}

function leadFault(rule: Rule | undefined): LeadFault | null {
  const fault = rule?.fault;
  return fault?.kind === 'reject' || fault?.kind === 'acceptedNotInserted' ? fault : null;
}
