import { changeKeySettings, revokeApiKey } from '@live-feed/database/directory/api-keys';
import { z } from 'zod';
import { changesMoreThan } from '../inputs/inputs.ts';
import { ofCompanysOwn } from '../operation.ts';
import { changedSettings, keySettingsInput } from './key-settings.ts';
import { byKey, keyIdInput, keyName, theKey } from './keys.ts';

export const keySet = ofCompanysOwn({
  ...byKey,
  name: 'key.set',
  summary: 'changes the label and limits of a key, within 5 seconds everywhere',
  role: 'admin',
  route: 'PATCH /keys/:key',
  input: z.object({ key: keyIdInput, ...keySettingsInput }).refine(...changesMoreThan('key')),
  async run({ database, record }, { key: id, ...changes }, company) {
    const { hint, settings: before } = await theKey({ database }, id);
    const settings = await changedSettings(database, company, before, changes);
    await changeKeySettings(database, id, settings);
    record({ target: keyName(hint, before.label), before, after: settings });
    return { id, company, hint, settings };
  },
});

export const keyRevoke = ofCompanysOwn({
  ...byKey,
  name: 'key.revoke',
  summary: 'revokes a key; it stops working within 5 seconds',
  role: 'admin',
  route: 'DELETE /keys/:key',
  input: z.object({ key: keyIdInput }),
  async run({ database, record }, { key: id }, company) {
    const { hint, settings, active } = await theKey({ database }, id);
    const revoked = await revokeApiKey(database, id);
    record({ target: keyName(hint, settings.label), before: { active }, after: { active: false } });
    return { id, company, hint, revoked };
  },
});
