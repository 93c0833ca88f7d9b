import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cloneDir } from '../clone.ts';
import { placesData } from './places-data.ts';
import { readPublishedData } from './published-data.ts';

test('the table of places is what the script makes of the packages; else run: npm run generate:places', async () => {
  const text = await readFile(
    join(cloneDir, 'packages', 'core', 'src', 'caller-id', 'places-data.ts'),
    'utf8',
  );
  const [, day = ''] = /on (\d{4}-\d{2}-\d{2}),/.exec(text) ?? [];
  expect(text).toBe(placesData(await readPublishedData(), day));
});
