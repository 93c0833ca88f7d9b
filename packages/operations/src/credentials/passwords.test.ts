import { expect, test } from 'vitest';
import { MAX_PASSWORD_LENGTH } from './password-weakness.ts';
import { createPasswords } from './passwords.ts';

const passwords = createPasswords({ memoryKib: 8, passes: 1 });

test('the right password is right, and no other', async () => {
  const hash = await passwords.hash('correct horse battery');
  expect(hash).toMatch(/^\$argon2id\$/);
  expect(await passwords.isRight('correct horse battery', hash)).toBe(true);
  for (const wrong of [
    '',
    'correct horse battery ',
    'Correct horse battery',
    'c'.repeat(MAX_PASSWORD_LENGTH + 1),
  ]) {
    expect(await passwords.isRight(wrong, hash)).toBe(false);
  }
});

test('nothing is right where there is no hash', async () => {
  for (const none of [null, undefined, ''])
    for (const password of ['', 'of nobody']) expect(await passwords.isRight(password, none)).toBe(false);
});

test('the usual costs are those that OWASP asks for at least', async () => {
  expect(await createPasswords().hash('correct horse battery')).toContain('$m=19456,t=2,p=1$');
});
