import type { EarlierLead } from '@live-feed/database/duplicates/phone-claims';

/**
 * Of many leads of one phone at this ingress one at a time claims it, and those that wait for another lead share a look at it: otherwise each of
 * thousands would ask the database by itself, again and again.
 */
export interface PhoneLooks {
  /** @param ask what may be answered to any lead of that phone: the lead that has it */
  look(phone: string, ask: () => Promise<EarlierLead | null>): Promise<EarlierLead | null>;
  /** Whether one of its leads is claiming it now; resolves when that has ended, however it did. */
  claiming(phone: string): Promise<void> | undefined;
  /** To be called while nobody claims the phone. */
  claim<Result>(phone: string, attempt: () => Promise<Result>): Promise<Result>;
}

export function createPhoneLooks(): PhoneLooks {
  const looks = new Map<string, Promise<EarlierLead | null>>();
  const claims = new Map<string, Promise<void>>();
  return {
    look(phone, ask) {
      const underWay = looks.get(phone);
      if (underWay !== undefined) return underWay;
      const look = ask().finally(() => looks.delete(phone));
      looks.set(phone, look);
      return look;
    },
    claiming: (phone) => claims.get(phone),
    claim(phone, attempt) {
      const result = attempt();
      const ended = result.then(
        () => {},
        () => {},
      );
      claims.set(
        phone,
        ended.finally(() => claims.delete(phone)),
      );
      return result;
    },
  };
}
