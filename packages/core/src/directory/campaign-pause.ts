/** What becomes of new leads of a paused campaign: `refuse` them all, or `keep` those whose callers do not wait for the outcome. */
export const PAUSE_KINDS = ['refuse', 'keep'] as const;

export type PauseKind = (typeof PAUSE_KINDS)[number];

/** A campaign that a person has paused. Its leads stay where they are, those of other campaigns go on. */
export interface CampaignPause {
  readonly kind: PauseKind;
  /** When it ends by itself, milliseconds since the epoch on the database's clock; null: when it is resumed. */
  readonly untilMs: number | null;
}

/** As it is stored. What this release cannot read is a pause that refuses: nobody is called whom somebody wanted not to be. */
export function readCampaignPause(paused: string | null, until: Date | null): CampaignPause | null {
  if (paused === null) return null;
  return { kind: paused === 'keep' ? 'keep' : 'refuse', untilMs: until?.getTime() ?? null };
}

/** Whether it stands at that moment. */
export function stands(pause: CampaignPause | null, nowMs: number): pause is CampaignPause {
  return pause !== null && (pause.untilMs === null || pause.untilMs > nowMs);
}
