import type { Keyring } from '@live-feed/core/crypto/sealing';
import { type PhoneCheck, unsealCheckHeaders } from '@live-feed/core/directory/phone-check';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { reasonOf } from '@live-feed/core/status/lead-status';
import { within } from '@live-feed/core/within';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import { askPhoneCheck } from '@live-feed/outbound/phone-check/ask-phone-check';
import { type Circuit, createCircuit } from '@live-feed/outbound/phone-check/circuit';
import type { KeptAnswers } from '@live-feed/queue/phone-checks/kept-answers';
import type { Logger } from '@live-feed/runtime/logging/logger';
import { LRUCache } from 'lru-cache';
import { createPlaces, type Places } from './places.ts';

/** Asks companies' endpoints whether phones may be called. No company's endpoint delays leads of another one. */
export interface PhoneChecks {
  /** Never throws. @param limitMs as long as the lead can wait */
  ask(question: PhoneQuestion, limitMs: number): Promise<PhoneVerdict>;
  /** Companies whose endpoint is not asked now, since it did not answer again and again. */
  readonly unavailable: number;
}

export interface PhoneQuestion {
  readonly companyId: string;
  readonly check: PhoneCheck;
  /** 10 digits. */
  readonly phone: string;
  readonly phoneDigest: string;
  readonly leadId: string;
  /** It takes no place among the leads, what comes of it is kept for none, and it says nothing of the endpoint. */
  readonly isDryRun: boolean;
}

export type PhoneVerdict =
  | {
      readonly result: 'allowed' | 'refused';
      /** When the endpoint said so, milliseconds since the epoch. */
      readonly atMs: number;
      /** Said for an earlier lead. */
      readonly cached: boolean;
      /** Of a refusal, for people. */
      readonly reason: string | null;
    }
  | { readonly result: 'unanswered' };

export interface PhoneCheckTools {
  readonly outbound: OutboundClient;
  readonly kept: KeptAnswers;
  readonly keyring: Keyring;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onVerdict: (result: PhoneVerdict['result'], from: 'cache' | 'endpoint' | 'none') => void;
}

/** Questions under way to one endpoint, and leads that wait for one, in this process. */
const OF_LEADS = { places: 32, line: 5_000 } as const;
/** As many wait as a company has under way, see `dry-runs.ts`. */
const OF_DRY_RUNS = { places: 4, line: 2_050 } as const;
const CACHE_LIMIT_MS = 300;
const MOST_ENDPOINTS = 10_000;
/** An endpoint that nobody has asked for so long, perhaps since its company has another one, is forgotten. */
const FORGET_MS = 600_000;

type Found = Extract<PhoneVerdict, { result: 'allowed' | 'refused' }>;

interface Endpoint {
  readonly circuit: Circuit;
  readonly places: Places;
  readonly isOfDryRuns: boolean;
}

const UNANSWERED: PhoneVerdict = { result: 'unanswered' };

export function createPhoneChecks(tools: PhoneCheckTools): PhoneChecks {
  const { outbound, kept, keyring, logger, now, onVerdict } = tools;
  const endpoints = new LRUCache<string, Endpoint>({
    max: MOST_ENDPOINTS,
    ttl: FORGET_MS,
    updateAgeOnGet: true,
  });
  /** Leads of one phone share a question. Bounded by the callers that wait. */
  const underWay = new Map<string, Promise<PhoneVerdict>>();

  function endpointOf({ check, isDryRun }: PhoneQuestion): Endpoint {
    const name = isDryRun ? `${check.id} dry` : check.id;
    const known = endpoints.get(name);
    if (known !== undefined) return known;
    const endpoint = {
      circuit: createCircuit(),
      places: createPlaces(isDryRun ? OF_DRY_RUNS : OF_LEADS),
      isOfDryRuns: isDryRun,
    };
    endpoints.set(name, endpoint);
    return endpoint;
  }

  function shared(question: PhoneQuestion, limitMs: number): Promise<PhoneVerdict> {
    const name = `${question.check.id} ${question.phoneDigest} ${question.isDryRun}`;
    const asked = underWay.get(name);
    if (asked !== undefined) return asked;
    const answer = find(question, limitMs)
      .catch((err: unknown) => {
        logger.warn({ err, companyId: question.companyId }, 'a phone could not be checked');
        return UNANSWERED;
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, answer);
    return answer;
  }

  async function find(question: PhoneQuestion, limitMs: number): Promise<PhoneVerdict> {
    return (await readKept(question)) ?? askInTurn(question, limitMs);
  }

  async function readKept({ companyId, check, phoneDigest }: PhoneQuestion): Promise<Found | undefined> {
    if (check.cacheMs === 0) return undefined;
    const reading = kept.read({ checkId: check.id, phoneDigest, cacheMs: check.cacheMs });
    const answer = await within(reading, CACHE_LIMIT_MS, () => undefined).catch(() => undefined);
    if (answer === undefined) return undefined;
    const { allow, atMs } = answer;
    const reason = allow ? null : reasonOf(keyring, companyId, answer.reason);
    return { result: allow ? 'allowed' : 'refused', atMs, cached: true, reason };
  }

  async function askInTurn(question: PhoneQuestion, limitMs: number): Promise<PhoneVerdict> {
    const { circuit, places } = endpointOf(question);
    const leave = await places.take(circuit.isOpen ? 0 : limitMs);
    if (leave === undefined) return UNANSWERED;
    try {
      // It may have opened in the meantime.
      const turn = circuit.ask();
      if (turn === undefined) return UNANSWERED;
      const answer = await askEndpoint(question);
      if (answer.kind === 'answer') {
        if (circuit.answered() && !question.isDryRun)
          logger.info({ companyId: question.companyId }, 'the check of phones answers again');
        return await keep(question, answer);
      }
      if (circuit.failed(turn) && !question.isDryRun) {
        logger.warn(
          { companyId: question.companyId, why: answer.why, unanswered: question.check.unanswered },
          'the check of phones of a company does not answer, and is not asked for a while',
        );
      }
      return UNANSWERED;
    } finally {
      leave();
    }
  }

  async function askEndpoint({ companyId, check, phone, leadId }: PhoneQuestion) {
    let headers: Readonly<Record<string, string>>;
    try {
      headers = unsealCheckHeaders(keyring, companyId, check);
    } catch {
      return { kind: 'unanswered', why: 'its headers cannot be decrypted' } as const;
    }
    const { url, timeoutMs } = check;
    return askPhoneCheck(outbound, { url, headers, timeoutMs }, { phone, leadId });
  }

  /** Before anybody is told, so that a lead that comes after this is not asked about again. */
  async function keep(
    { companyId, check, phoneDigest, isDryRun }: PhoneQuestion,
    { allow, reason }: { readonly allow: boolean; readonly reason: string | null },
  ): Promise<PhoneVerdict> {
    const atMs = now();
    if (check.cacheMs > 0 && !isDryRun) {
      const sealed =
        reason === null ? null : keyring.seal(reason, { companyId, column: SEALED.phoneCheckReason });
      const keeping = kept.keep(
        { checkId: check.id, phoneDigest, cacheMs: check.cacheMs },
        { allow, reason: sealed, atMs },
      );
      await within(keeping, CACHE_LIMIT_MS, () => undefined).catch(() => undefined);
    }
    return { result: allow ? 'allowed' : 'refused', atMs, cached: false, reason };
  }

  return {
    async ask(question, limitMs) {
      const verdict = await within(shared(question, limitMs), Math.max(0, limitMs), () => UNANSWERED);
      if (question.isDryRun) return verdict;
      if (verdict.result === 'unanswered') onVerdict(verdict.result, 'none');
      else onVerdict(verdict.result, verdict.cached ? 'cache' : 'endpoint');
      return verdict;
    },
    get unavailable() {
      let open = 0;
      for (const { circuit, isOfDryRuns } of endpoints.values())
        if (circuit.isOpen && !isOfDryRuns) open += 1;
      return open;
    },
  };
}
