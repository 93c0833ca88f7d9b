import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Role } from '@live-feed/core/directory/role';
import { addChanges } from '@live-feed/database/figures/count-leads';
import { DEMO_CAMPAIGNS } from '@live-feed/demo-seed/demo-companies';
import { seedTraffic } from '@live-feed/demo-seed/demo-traffic';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { useConsole } from '../console/use-console.ts';
import type { System } from '../system/system.ts';
import { useSystem } from '../system/use-system.ts';

export const DEMO = {
  ringcx: { name: 'Demo RingCX', campaign: DEMO_CAMPAIGNS.ringcx },
  jwt: { name: 'Demo RingCX with a JWT credential', campaign: DEMO_CAMPAIGNS.ringcxJwt },
  newbridge: { name: 'Demo NewBridge', campaign: DEMO_CAMPAIGNS.newbridge },
} as const;

/**
 * The demo companies with an hour of their leads, the whole system that serves them, and its console, at a port of its own. For the tests
 * of a file; it is there from `beforeAll` on.
 */
export function useDemoSystem() {
  let system: System | undefined;
  let address = '';
  const environment = { WEBHOOK_ALLOW_PRIVATE: 'true' };
  const services = useSystem({ environment }, (started) => {
    system = started.system;
  });
  const there = (): System => {
    if (system === undefined) throw new Error('The system is there from beforeAll on.');
    return system;
  };
  const console = useConsole({ services, environment: () => there().environment, refreshMs: 500 });

  beforeAll(async () => {
    const { SEAL_KEYS = '', PHONE_DIGEST_SECRET = '' } = there().environment;
    const digests = createKeyedDigests(PHONE_DIGEST_SECRET);
    const keyring = parseKeyring(SEAL_KEYS);
    await seedTraffic(console.database, { keyring, digests, nowMs: Date.now() });
    while ((await addChanges(console.database, 5_000)) > 0);
    address = await console.app.listen({ host: '127.0.0.1', port: 0 });
  });

  const idOf = async (company: string) =>
    (await console.database.company.findUniqueOrThrow({ where: { name: company } })).id;
  return {
    console,
    get system() {
      return there();
    },
    get address() {
      return address;
    },
    idOf,
    /**
     * Signs somebody in and shows them the first page.
     *
     * @param company the only one that they may see; without it all
     * @param at the console, under a name that their browser knows
     */
    async enter(page: Page, role: Role, company?: string, at = address): Promise<void> {
      const { cookie } = await console.as(role, company === undefined ? null : await idOf(company));
      const [name = '', value = ''] = cookie.split('=');
      await page.context().addCookies([{ name, value, url: at }]);
      await page.goto(`${at}/`);
    },
  };
}
