import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from './clone.ts';
import { placesData } from './places/places-data.ts';
import { readPublishedData } from './places/published-data.ts';

// `npm run generate:places`: writes the table of area codes and ZIP prefixes. Run it again when new area codes come into service.
const text = placesData(await readPublishedData(), new Date().toISOString().slice(0, 10));
await writeFile(join(cloneDir, 'packages', 'core', 'src', 'caller-id', 'places-data.ts'), text);
