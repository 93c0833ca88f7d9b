import { randomBytes } from 'node:crypto';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import { addChanges } from '@live-feed/database/figures/count-leads';
import { seedTraffic } from '@live-feed/demo-seed/demo-traffic';
import { seed } from '@live-feed/demo-seed/seed';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { addTestPerson } from '../console/people.ts';
import { useConsole } from '../console/use-console.ts';

/** A console with the demo companies and an hour of their leads, as `npm start` has it. */
export function useDemoConsole() {
  const secrets = {
    SEAL_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    PHONE_DIGEST_SECRET: randomBytes(32).toString('hex'),
  };
  const demo = useConsole({ environment: secrets, refreshMs: 500 });
  let address = '';

  beforeAll(async () => {
    const { database } = demo;
    const keyring = parseKeyring(secrets.SEAL_KEYS);
    await seed(database, { keyring, simulatorUrl: 'http://127.0.0.1:9', secret: 'tests' });
    const digests = createKeyedDigests(secrets.PHONE_DIGEST_SECRET);
    await seedTraffic(database, { keyring, digests, nowMs: Date.now() });
    while ((await addChanges(database, 5_000)) > 0);
    const held = await database.dialer.findFirstOrThrow({
      where: { company: { name: 'Demo RingCX with a JWT credential' } },
    });
    await createDialerHealth(demo.redis).hold(dialerAddress(held), 8 * 3_600_000, 'Demo: they move house');
    address = await demo.app.listen({ host: '127.0.0.1', port: 0 });
  });

  return {
    demo,
    get address() {
      return address;
    },
    /** Signs somebody in, by the form. */
    async signIn(page: Page, role: Role = 'admin'): Promise<void> {
      const person = { name: `${role}-${newId()}`, password: 'correct horse battery' };
      await addTestPerson(demo.database, person, role);
      await page.goto(`${address}/sign-in`);
      await page.getByLabel('Name').fill(person.name);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    },
  };
}
