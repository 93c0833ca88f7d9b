import { setTimeout as delay } from 'node:timers/promises';
import { digestApiKey } from '@live-feed/core/crypto/api-key';
import type { Client } from 'pg';

export interface DialerSettings {
  readonly uploadMaximum: number;
  readonly inFlight: number;
  /** Whether Live Feed keeps to the windows that are documented for the dialer's family. */
  readonly keepWindows: boolean;
}

/** A worker notices a changed dialer within a second. */
const noticedMs = 1_500;

/** Changes the dialer of a key's company as an operator would, and waits until the workers know. The same settings again cost nothing. */
export function createDialerSettings(database: Client, apiKey: string) {
  let present = '';
  return async (settings: DialerSettings): Promise<void> => {
    const wanted = JSON.stringify(settings);
    if (wanted === present) return;
    await database.query(
      `UPDATE dialers SET max_leads_per_upload = $2, max_in_flight = $3, upload_windows = $4
       FROM api_keys WHERE api_keys.company_id = dialers.company_id AND api_keys.digest = $1`,
      [
        digestApiKey(apiKey),
        settings.uploadMaximum,
        settings.inFlight,
        settings.keepWindows ? null : JSON.stringify([]),
      ],
    );
    present = wanted;
    await delay(noticedMs);
  };
}
