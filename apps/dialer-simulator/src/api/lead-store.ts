/**
 * The leads that the dialing systems hold. Bounded: above `capacity` each new lead replaces the oldest.
 * Compact: only the searched fields of a lead are on the heap; the others are in its upload's JSON, kept as bytes.
 */
import { phoneOf } from './lead-validation.ts';
import type { LoadLead, LoadRequest } from './wire.ts';

export type Family = 'ringcx' | 'newbridge';

/** What the leads of one upload share. */
export interface StoredUpload {
  /** The dialing system's id of the list that the upload created. */
  readonly listId: number;
  readonly family: Family;
  readonly accountId: string;
  readonly campaignId: string;
  readonly options: Readonly<Omit<LoadRequest, 'uploadLeads'>>;
  readonly loadedAtMs: number;
  /** Its leads were suppressed as they were loaded. */
  readonly suppressed: boolean;
  /** UTF-8 JSON of `uploadLeads` as it was sent. */
  readonly leadsJson: Buffer;
}

export interface StoredLead {
  readonly leadId: number;
  readonly upload: StoredUpload;
  readonly externId: string;
  /** The 10 digits, or in an account that uses E.164 the E.164 number. */
  readonly phone: string;
  /** Its place in the upload. */
  readonly n: number;
}

/** How far the dialing of a lead has come, as `leadSearch` shows it. */
export interface LeadProgress {
  readonly leadState?: string | undefined;
  readonly leadPasses?: number | undefined;
  readonly lastPassDisposition?: string | undefined;
  /** ISO 8601, UTC. */
  readonly lastPassDts?: string | undefined;
  /** ISO 8601, UTC. */
  readonly nextDialTime?: string | undefined;
  /** It is not dialled, and only found by a search for such leads. */
  readonly suppressed?: boolean | undefined;
}

/** Every given member must match; of a list, one value. */
export interface LeadFilter {
  readonly family?: Family | undefined;
  readonly accountId?: string | undefined;
  readonly campaignIds?: ReadonlySet<string> | undefined;
  readonly externIds?: ReadonlySet<string> | undefined;
  readonly phone?: string | undefined;
  /** Inclusive. */
  readonly loadedBeforeMs?: number | undefined;
}

export interface DuplicateExternIds {
  /** How often a lead was stored although its externId was held already. */
  readonly total: number;
  /** How often each externId was stored, for the first `DUPLICATES_KEPT` of them. */
  readonly times: Readonly<Record<string, number>>;
}

export type LeadStore = ReturnType<typeof createLeadStore>;

const DUPLICATES_KEPT = 1_000;

export function createLeadStore(capacity: number) {
  /** A ring buffer once it is full: the next lead replaces the one at `oldest`. */
  let leads: StoredLead[] = [];
  let oldest = 0;
  let lastLeadId = 0;
  /** Of leads that are not as they were loaded any more. */
  const progressOf = new WeakMap<StoredLead, LeadProgress>();
  let lastListId = 0;
  let evicted = 0;
  let duplicates = 0;
  const duplicateTimes = new Map<string, number>();
  /** An array only if an externId was stored more than once, which is rare. */
  const byExternId = new Map<string, StoredLead | StoredLead[]>();
  /** Per campaign the numbers loaded with `REMOVE_ALL_EXISTING`, with the count of leads that have each. */
  const sparedPhones = new Map<string, Map<string, number>>();

  function add(upload: StoredUpload, lead: LoadLead, n: number): void {
    lastLeadId += 1;
    const stored: StoredLead = {
      leadId: lastLeadId,
      upload,
      externId: lead.externId ?? '',
      phone: phoneOf(lead),
      n,
    };
    if (leads.length < capacity) {
      leads.push(stored);
    } else {
      const forgotten = leads[oldest];
      if (forgotten !== undefined) unindex(forgotten);
      leads[oldest] = stored;
      oldest = (oldest + 1) % capacity;
      evicted += 1;
    }
    if (upload.suppressed || lead.suppressed === true) progressOf.set(stored, { suppressed: true });
    index(stored);
  }

  function index(lead: StoredLead): void {
    const same = withExternId(lead.externId);
    if (same.length === 0) {
      byExternId.set(lead.externId, lead);
    } else {
      byExternId.set(lead.externId, [...same, lead]);
      duplicates += 1;
      if (duplicateTimes.has(lead.externId) || duplicateTimes.size < DUPLICATES_KEPT) {
        duplicateTimes.set(lead.externId, (duplicateTimes.get(lead.externId) ?? 1) + 1);
      }
    }
    if (isSpared(lead.upload)) {
      const key = campaignKey(lead.upload);
      const phones = sparedPhones.get(key) ?? new Map<string, number>();
      phones.set(lead.phone, (phones.get(lead.phone) ?? 0) + 1);
      sparedPhones.set(key, phones);
    }
  }

  /** The oldest lead of all is also the oldest with its externId. */
  function unindex(lead: StoredLead): void {
    const [, ...younger] = withExternId(lead.externId);
    if (younger.length > 0) byExternId.set(lead.externId, younger);
    else byExternId.delete(lead.externId);
    if (!isSpared(lead.upload)) return;
    const key = campaignKey(lead.upload);
    const phones = sparedPhones.get(key);
    const holders = phones?.get(lead.phone) ?? 0;
    if (holders > 1) phones?.set(lead.phone, holders - 1);
    else phones?.delete(lead.phone);
    if (phones?.size === 0) sparedPhones.delete(key);
  }

  /** Oldest first. */
  function withExternId(externId: string): readonly StoredLead[] {
    const held = byExternId.get(externId);
    if (held === undefined) return [];
    return Array.isArray(held) ? held : [held];
  }

  /** The matching leads, oldest first. Fast by externId; otherwise it scans all leads. */
  function* matching(filter: LeadFilter): Generator<StoredLead> {
    if (filter.externIds !== undefined) {
      for (const externId of filter.externIds) {
        for (const lead of withExternId(externId)) if (matches(lead, filter)) yield lead;
      }
      return;
    }
    for (let n = 0; n < leads.length; n += 1) {
      const lead = leads[(oldest + n) % leads.length];
      if (lead !== undefined && matches(lead, filter)) yield lead;
    }
  }

  return {
    /**
     * Stores one upload's list.
     * @param isInserted whether the lead at that place of `uploadLeads` is on the list.
     */
    addList(
      upload: Omit<StoredUpload, 'listId' | 'leadsJson'>,
      uploadLeads: readonly LoadLead[],
      isInserted: (n: number) => boolean,
    ): void {
      lastListId += 1;
      const leadsJson = Buffer.from(JSON.stringify(uploadLeads));
      const list: StoredUpload = { listId: lastListId, ...upload, leadsJson };
      uploadLeads.forEach((lead, n) => {
        if (isInserted(n)) add(list, lead, n);
      });
    },
    matching,
    progressOf: (lead: StoredLead): LeadProgress => progressOf.get(lead) ?? {},
    /** Moves a lead on; what is left out stays. */
    progress(lead: StoredLead, progress: LeadProgress): void {
      progressOf.set(lead, { ...progressOf.get(lead), ...progress });
    },
    /** Whether the campaign holds this number from an upload with `REMOVE_ALL_EXISTING`. */
    holdsSparedPhone: (campaign: Pick<StoredUpload, 'family' | 'accountId' | 'campaignId'>, phone: string) =>
      sparedPhones.get(campaignKey(campaign))?.has(phone) ?? false,
    held: () => leads.length,
    evicted: () => evicted,
    duplicates: (): DuplicateExternIds => ({ total: duplicates, times: Object.fromEntries(duplicateTimes) }),
    clear(): void {
      leads = [];
      oldest = 0;
      evicted = 0;
      duplicates = 0;
      duplicateTimes.clear();
      byExternId.clear();
      sparedPhones.clear();
    },
  };
}

/** Returns leads as they were sent. It caches parsed uploads, so create one per response. */
export function createLeadReader(): (lead: StoredLead) => LoadLead {
  const parsed = new Map<StoredUpload, readonly LoadLead[]>();
  return ({ upload, n }) => {
    const leads: readonly LoadLead[] = parsed.get(upload) ?? JSON.parse(upload.leadsJson.toString());
    parsed.set(upload, leads);
    return leads[n] ?? {};
  };
}

function matches(lead: StoredLead, filter: LeadFilter): boolean {
  const { upload } = lead;
  return (
    (filter.family === undefined || upload.family === filter.family) &&
    (filter.accountId === undefined || upload.accountId === filter.accountId) &&
    (filter.campaignIds === undefined || filter.campaignIds.has(upload.campaignId)) &&
    (filter.externIds === undefined || filter.externIds.has(lead.externId)) &&
    (filter.phone === undefined || lead.phone === filter.phone) &&
    (filter.loadedBeforeMs === undefined || upload.loadedAtMs <= filter.loadedBeforeMs)
  );
}

function isSpared(upload: StoredUpload): boolean {
  return upload.options.duplicateHandling === 'REMOVE_ALL_EXISTING';
}

function campaignKey(campaign: Pick<StoredUpload, 'family' | 'accountId' | 'campaignId'>): string {
  return `${campaign.family}/${campaign.accountId}/${campaign.campaignId}`;
}
