import { Command } from '@commander-js/extra-typings';
import type { Session } from './session.ts';
import type { Report } from './terminal/report.ts';

export type Work = (session: Session) => Promise<Report>;

/** Runs a command's work in a session of its own, and prints what it reports. */
export type Run = (options: { readonly json?: true | undefined }, work: Work) => Promise<void>;

/** A command that does something. Each can print its result as JSON. */
export function leaf(name: string, description: string) {
  return new Command(name).description(description).option('--json', 'print the result as JSON');
}

/** Commands that only group others. */
export const GROUPS = {
  overview: 'how leads fare now, and what needs a person',
  company: 'companies that use Live Feed',
  key: 'API keys of companies; only digests and the last two characters are kept',
  dialer: "companies' accounts on their dialing systems",
  campaign: 'campaigns that a company may load leads into',
  ani: 'phone numbers of companies, from which leads are called',
  dnc: 'phones that a company must not have called: its do-not-call list',
  lead: 'leads: their state, their figures, and what people can do with them',
  webhook: 'endpoints of companies that are told of leads and dialers',
  person: 'people who may sign in to the console',
  'admin-key': 'keys of the admin API',
  alert: 'what people are told of: rules, and what burns now',
  'alert-channel': 'where messages of alerts go: e-mail, chats, webhooks',
  audit: 'who changed what',
  seal: 'encryption keys for data at rest (SEAL_KEYS)',
} as const;

export type GroupName = keyof typeof GROUPS;

export function group(name: GroupName): Command {
  return new Command(name).description(GROUPS[name]);
}
