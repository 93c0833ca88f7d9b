import { hostname, userInfo } from 'node:os';
import type { Actor } from '@live-feed/operations/actor';

/** Whoever can start the command line has the keys to everything. @param name in place of the user of this machine */
export function theUser(name: string | undefined): Actor {
  return {
    id: null,
    name: name ?? userOfMachine(),
    via: 'command-line',
    from: hostname(),
    role: 'admin',
    companyId: null,
  };
}

function userOfMachine(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that its system has no name for.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
