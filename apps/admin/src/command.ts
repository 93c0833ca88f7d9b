import { Command } from '@commander-js/extra-typings';
import type { Report } from './report.ts';
import type { Session } from './session.ts';

export type Work = (session: Session) => Promise<Report>;

/** Runs a command's work in a session of its own, and prints what it reports. */
export type Run = (options: { readonly json?: true | undefined }, work: Work) => Promise<void>;

/** A command that does something: every one of them can tell it as JSON. */
export function leaf(name: string, description: string) {
  return new Command(name).description(description).option('--json', 'print the result as JSON');
}

/** A command that only holds others. */
export function group(name: string, description: string): Command {
  return new Command(name).description(description);
}
