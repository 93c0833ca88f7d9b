import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import type { DialerAccount } from '@live-feed/dialers/lead-loader';
import type { DialingSystem } from './lead-loader-contract.ts';

const TOKEN = 'third-key-4d8f0c1e';

interface Person {
  readonly ref: string;
  readonly tel: string;
}

interface Fault {
  readonly kind: string;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly body?: unknown;
  readonly form?: string;
  readonly location?: string;
  readonly when?: string;
}

/** What the third family's lead loader is held against: as small a dialing system as the contract needs. */
export async function startThirdDialingSystem(): Promise<DialingSystem> {
  const faults = new Map<string, Fault>();
  /** By ref, the campaign. */
  const held = new Map<string, string>();
  let requests = 0;

  const server = http.createServer(async (request, response) => {
    requests += 1;
    const [, , room = '', campaign = ''] = (request.url ?? '').split('/');
    const on = room === 'people' ? 'readBack' : 'upload';
    const fault = faults.get(on);
    if (request.headers['x-third-key'] !== TOKEN) {
      send(response, 401, { problem: 'Unknown key.' });
      return;
    }
    const stores = fault === undefined || fault.when === 'afterStoring';
    const answer = await (on === 'upload' ? load(request, stores ? campaign : undefined) : find(request));
    if (fault === undefined) send(response, 200, answer);
    else misbehave(response, fault, answer);
  });

  /** @param campaign undefined where nothing is to be stored */
  async function load(request: IncomingMessage, campaign: string | undefined) {
    const { people } = (await readJson(request)) as { people: Person[] };
    const results = people.map(({ ref, tel }) => ({ ref, taken: /^\d{10}$/.test(tel) }));
    if (campaign !== undefined) for (const { ref, taken } of results) if (taken) held.set(ref, campaign);
    return { results };
  }

  async function find(request: IncomingMessage) {
    const { campaign, refs } = (await readJson(request)) as { campaign: string; refs: string[] };
    return { people: refs.filter((ref) => held.get(ref) === campaign).map((ref) => ({ ref })) };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accountWith = (token: string): DialerAccount => ({
    baseUrl: `http://127.0.0.1:${port}`,
    accountId: '12',
    credential: { kind: 'token', token },
  });
  return {
    account: accountWith(TOKEN),
    stranger: accountWith(`${TOKEN}0`),
    misbehave: async (on, fault) => faults.set(on, fault as Fault),
    async reset() {
      faults.clear();
      held.clear();
      requests = 0;
    },
    storedIds: async () => [...held.keys()],
    requestCount: async () => requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** @param answer what it would have answered without the fault */
function misbehave(response: ServerResponse, fault: Fault, answer: unknown): void {
  const text = JSON.stringify(answer);
  switch (fault.kind) {
    case 'status': {
      const { status = 500, body = { problem: 'No.' }, retryAfter } = fault;
      send(response, status, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      return;
    }
    case 'redirect':
      send(response, 307, '', { location: fault.location });
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return;
  }
  const forms: Record<string, string> = { html: '<p>Sorry</p>', otherShape: '{"ok":true}', empty: '' };
  if (fault.form !== 'truncated') {
    send(response, 200, forms[fault.form ?? ''] ?? text.slice(0, -1));
    return;
  }
  response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, -1));
  response.socket?.end();
}
