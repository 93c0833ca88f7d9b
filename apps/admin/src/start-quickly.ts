import { setFlagsFromString } from 'node:v8';

/**
 * Turns off V8's optimising WebAssembly compiler. For Prisma's query compiler it takes half of a command's CPU time, and the command ends
 * before that pays off. Call it before anything is loaded.
 */
export function startQuickly(): void {
  setFlagsFromString('--liftoff-only');
}
