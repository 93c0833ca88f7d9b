/** An upload as small as can be, for tests of what becomes of it on the wire. */
import { onTestFinished } from 'vitest';
import { ringcx } from '../families/ringcx/ringcx.ts';
import type { DialerAccount, LeadLoader, UploadRequest } from '../lead-loader.ts';
import { createLeadLoaders, type LeadLoaders, type LoaderOptions } from '../lead-loaders.ts';

export const TOKEN = 'aws80:5f0c1c1e-0000-4000-8000-00000000cafe';

export const UPLOAD: UploadRequest = {
  campaignId: '77',
  options: { dialPriority: 'IMMEDIATE', duplicateHandling: 'RETAIN_ALL', timeZoneOption: 'NPA_NXX' },
  leads: [{ externId: 'lead-1', phone: '2125550123', fields: {} }],
};

export const ACCEPTED = { leadsSupplied: 1, leadsAccepted: 1, leadsInserted: 1, rejectedRows: [] };

export function accountAt(port: number, scheme: 'http' | 'https' = 'http'): DialerAccount {
  return {
    baseUrl: `${scheme}://127.0.0.1:${port}/voice/api`,
    accountId: '12',
    credential: { kind: 'token', token: TOKEN },
  };
}

/** A RingCX loader that is closed when the test is over. */
export function testLoader(options?: LoaderOptions): LeadLoader & Pick<LeadLoaders, 'close'> {
  const loaders = createLeadLoaders(options);
  onTestFinished(() => loaders.close());
  return { ...loaders.loaderFor(ringcx), close: loaders.close };
}

/** An HTTP answer as it goes over the wire. */
export function httpAnswer(status: number, body: string, headers: readonly string[] = []): string {
  const head = [`HTTP/1.1 ${status} -`, `content-length: ${Buffer.byteLength(body)}`, ...headers];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
