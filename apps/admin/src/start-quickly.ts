import { setFlagsFromString } from 'node:v8';

/** A command is over before optimised code pays: compiling Prisma's query compiler a second time takes half of its CPU. Before anything is loaded. */
export function startQuickly(): void {
  setFlagsFromString('--liftoff-only');
}
