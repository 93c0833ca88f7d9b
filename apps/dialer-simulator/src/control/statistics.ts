/** Counts requests and responses. Bounded: accounts beyond `ACCOUNTS_KEPT` are counted only in the totals. */
import type { RateWindow } from '../faults/scenario.ts';

/** `campaigns`: dial groups with their campaigns; `accounts`: those of a token; `leadActions`: leads are cancelled. */
export type Operation = 'upload' | 'readBack' | 'campaigns' | 'accounts' | 'leadActions';
/** Calls that sign in: for an access token of RingCentral, its exchange for one of RingCX, and the renewal of that one. */
export type SignInStep = 'signIn' | 'exchange' | 'refresh';

/** A request over a rate window's limit, which got 429. */
export interface LimitViolation {
  readonly atMs: number;
  readonly operation: Operation | 'exchange';
  /** `<family>/<accountId>`. */
  readonly account: string;
  readonly window: RateWindow;
  /** How long until the window would have let it through. */
  readonly earlyByMs: number;
}

export interface LoadCounts {
  readonly supplied: number;
  readonly accepted: number;
  readonly inserted: number;
}

interface AccountCounts {
  uploads: number;
  readBacks: number;
  throttled: number;
  maxConcurrentUploads: number;
}

export type Statistics = ReturnType<typeof createStatistics>;

const ACCOUNTS_KEPT = 1_000;
const VIOLATIONS_KEPT = 100;

export function createStatistics() {
  const inFlight = none();
  const inFlightByAccount = new Map<string, number>();
  let counts = zero();

  function accountCounts(account: string): AccountCounts | undefined {
    const known = counts.accounts.get(account);
    if (known !== undefined || counts.accounts.size >= ACCOUNTS_KEPT) return known;
    const maxConcurrentUploads = inFlightByAccount.get(account) ?? 0;
    const fresh = { uploads: 0, readBacks: 0, throttled: 0, maxConcurrentUploads };
    counts.accounts.set(account, fresh);
    return fresh;
  }

  return {
    /** A request to an unknown path, such as the target of a redirect. */
    requestedUnknownPath(): void {
      counts.unknownPath += 1;
    },

    /**
     * A request to a dialing system begins. Call the returned function once when it ends, with the response's status, or null if there
     * was no response.
     */
    begin(operation: Operation, account: string): (status: number | null) => void {
      counts.requests[operation] += 1;
      inFlight[operation] += 1;
      counts.maxConcurrent[operation] = Math.max(counts.maxConcurrent[operation], inFlight[operation]);
      const ofAccount = accountCounts(account);
      if (ofAccount !== undefined) {
        if (operation === 'upload') ofAccount.uploads += 1;
        if (operation === 'readBack') ofAccount.readBacks += 1;
      }
      if (operation === 'upload') {
        const now = (inFlightByAccount.get(account) ?? 0) + 1;
        inFlightByAccount.set(account, now);
        if (ofAccount !== undefined) {
          ofAccount.maxConcurrentUploads = Math.max(ofAccount.maxConcurrentUploads, now);
        }
      }
      return (status) => {
        inFlight[operation] -= 1;
        if (operation === 'upload') {
          const now = (inFlightByAccount.get(account) ?? 1) - 1;
          if (now === 0) inFlightByAccount.delete(account);
          else inFlightByAccount.set(account, now);
        }
        const answer = status ?? 'none';
        counts.answers.set(answer, (counts.answers.get(answer) ?? 0) + 1);
        if (status === 429 && ofAccount !== undefined) ofAccount.throttled += 1;
      };
    },

    signsIn(step: SignInStep): void {
      counts.signIns[step] += 1;
    },

    violated(violation: LimitViolation): void {
      counts.violations.total += 1;
      counts.violations.last.push(violation);
      if (counts.violations.last.length > VIOLATIONS_KEPT) counts.violations.last.shift();
    },

    /** An upload took effect, whatever the response was. */
    loaded(load: LoadCounts): void {
      counts.loads += 1;
      counts.leads.supplied += load.supplied;
      counts.leads.accepted += load.accepted;
      counts.leads.inserted += load.inserted;
      counts.leads.rejected += load.supplied - load.accepted;
      counts.largestUpload = Math.max(counts.largestUpload, load.supplied);
      const bucket = 2 ** Math.ceil(Math.log2(Math.max(1, load.supplied)));
      counts.sizes.set(bucket, (counts.sizes.get(bucket) ?? 0) + 1);
    },

    snapshot: () => ({
      requests: { ...counts.requests, other: counts.unknownPath },
      signIns: { ...counts.signIns },
      /** By status; `none` for a request that got no answer. */
      answers: Object.fromEntries(counts.answers),
      throttled: counts.answers.get(429) ?? 0,
      /** Only the 429s of the rate windows, with details of the last ones. */
      limitViolations: { total: counts.violations.total, last: [...counts.violations.last] },
      /** Uploads that took effect. */
      loads: counts.loads,
      leads: { ...counts.leads },
      uploadSizes: {
        max: counts.largestUpload,
        mean: counts.loads === 0 ? 0 : counts.leads.supplied / counts.loads,
        /** Uploads by size; each key is the largest size of its bucket, so 8 stands for 5 to 8 leads. */
        upTo: Object.fromEntries(counts.sizes),
      },
      concurrent: {
        upload: { now: inFlight.upload, max: counts.maxConcurrent.upload },
        readBack: { now: inFlight.readBack, max: counts.maxConcurrent.readBack },
      },
      accounts: Object.fromEntries(
        [...counts.accounts].map(([account, of]) => [
          account,
          { ...of, concurrentUploads: inFlightByAccount.get(account) ?? 0 },
        ]),
      ),
    }),

    /** Resets the counts; requests under way stay in flight. */
    clear(): void {
      counts = zero();
      counts.maxConcurrent = { ...inFlight };
    },
  };
}

function none(): Record<Operation, number> {
  return { upload: 0, readBack: 0, campaigns: 0, accounts: 0, leadActions: 0 };
}

function zero() {
  return {
    requests: none(),
    signIns: { signIn: 0, exchange: 0, refresh: 0 },
    unknownPath: 0,
    answers: new Map<number | 'none', number>(),
    violations: { total: 0, last: [] as LimitViolation[] },
    loads: 0,
    leads: { supplied: 0, accepted: 0, inserted: 0, rejected: 0 },
    largestUpload: 0,
    sizes: new Map<number, number>(),
    maxConcurrent: none(),
    accounts: new Map<string, AccountCounts>(),
  };
}
