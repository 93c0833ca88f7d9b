import { setFlagsFromString } from 'node:v8';

/**
 * Turns off V8's optimising WebAssembly compiler: it takes half of a command's CPU for Prisma's query compiler, and the command ends
 * before that pays. Call it before anything is loaded.
 */
export function startQuickly(): void {
  setFlagsFromString('--liftoff-only');
}
