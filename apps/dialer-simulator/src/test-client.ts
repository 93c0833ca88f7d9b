/** A simulator on a real port with a client, for tests of the connection itself. */
import http from 'node:http';
import type { LoadLead } from './api/wire.ts';
import { buildSimulator, type SimulatorOptions } from './simulator.ts';

export const TOKEN = 'aws80:4f1f1f0e-6d5c-4b3a-9a2b-1c0d9e8f7a6b';

export const OPTIONS = {
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'ACTIVE',
  timeZoneOption: 'NPA_NXX',
};

export const JANE: LoadLead = { externId: 'jane', leadPhone: '5551234567', firstName: 'Jane' };
export const JOHN: LoadLead = { externId: 'john', leadPhone: '5551234568', firstName: 'John' };

export interface Exchange {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  /** How many pieces the body came in. */
  readonly pieces: number;
}

export interface Target {
  readonly base?: string;
  readonly accountId?: string;
  readonly campaignId?: string;
  readonly token?: string | null;
  readonly options?: object;
  readonly signal?: AbortSignal;
}

export type Client = Awaited<ReturnType<typeof startSimulator>>;

export async function startSimulator(options: SimulatorOptions = {}) {
  const app = buildSimulator(options);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  // One connection per request: a kept one could be closed by an earlier fault.
  const agent = new http.Agent({ keepAlive: false });

  function send(method: string, path: string, body?: unknown, target: Target = {}): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      const { token = TOKEN, signal } = target;
      const headers = {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { 'x-auth-token': token }),
      };
      const request = http.request(
        url + path,
        { method, headers, agent, ...(signal && { signal }) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
              bytes: Buffer.concat(chunks),
              pieces: chunks.length,
            }),
          );
        },
      );
      request.once('error', reject);
      request.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  const account = ({ base = '/voice/api', accountId = '99' }: Target) =>
    `${base}/v1/admin/accounts/${accountId}`;

  async function control(path: string) {
    return JSON.parse((await send('GET', `/simulator/${path}`)).text);
  }

  return {
    app,
    url,
    send,
    control,
    upload: (leads: readonly LoadLead[], target: Target = {}) =>
      send(
        'POST',
        `${account(target)}/campaigns/${target.campaignId ?? '123'}/leadLoader/direct`,
        { ...OPTIONS, ...target.options, uploadLeads: leads },
        target,
      ),
    readBack: (externIds: readonly string[], target: Target = {}) =>
      send(
        'POST',
        `${account(target)}/campaignLeads/leadSearch?page=1&maxRows=100`,
        { campaignIds: [Number(target.campaignId ?? 123)], externIds },
        target,
      ),
    async scenario(scenario: object): Promise<void> {
      const { status, text } = await send('PUT', '/simulator/scenario', scenario);
      if (status !== 200) throw new Error(`The scenario was refused: ${text}`);
    },
    /** The externIds held, in the order they were stored. */
    async held(): Promise<string[]> {
      const { leads } = await control('leads');
      return leads.map((lead: { externId: string }) => lead.externId);
    },
  };
}
