import { fileURLToPath } from 'node:url';

/** The absolute path of this clone, without a trailing slash. Everything that is private to a clone hangs off it. */
export const cloneDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
