import { fileURLToPath } from 'node:url';

/** The absolute path of this clone, without a trailing slash. The folders that are private to a clone are under it. */
export const cloneDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
