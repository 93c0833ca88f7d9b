import { type Role, reaches } from '@live-feed/core/directory/role';

/** Where an operation was asked for. */
export type Via = 'console' | 'command-line' | 'admin-api';

/** Who asks for an operation. */
export interface Actor {
  /** Of the person or the key; null on the command line. */
  readonly id: string | null;
  /** As people know it: an account's name, a key's label, a user of the machine. */
  readonly name: string;
  readonly via: Via;
  /** The client's address, or the machine of the command line. */
  readonly from: string;
  readonly role: Role;
  /** The only company that it reaches; null: all. */
  readonly companyId: string | null;
}

/** Whether it sees phones whole; others see the last two digits. */
export function seesPhones({ role }: Pick<Actor, 'role'>): boolean {
  return reaches(role, 'operator');
}
