import type { Role } from '@live-feed/core/directory/role';
import { type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import type { z } from 'zod';
import type { Actor } from './actor.ts';
import { type OperationName, Refusal } from './refusal.ts';
import type { Resources } from './resources.ts';

/** What an operation runs with. */
export interface Context extends Resources {
  readonly actor: Actor;
  /** Of the change in the audit log; null: it is not recorded. */
  readonly entryId: string | null;
  /** Aborted when nobody waits for the result any more: work in batches stops after the present one. */
  readonly signal: AbortSignal;
  /** Tells whoever waits how far it is. */
  readonly progress: (done: number, of: number) => void;
  /** For the audit log: what a change was made to, and what it was like before and after. No secrets, no phones. */
  readonly record: (facts: ChangeFacts) => void;
}

export interface ChangeFacts {
  /** A name or an id that people know it by. */
  readonly target?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type Input = z.ZodType<object>;

interface Common<I extends Input> {
  /** That of its command, its record in the audit log, and its `operationId` in the admin API. */
  readonly name: OperationName;
  /** What it does, in the third person, without a full stop. */
  readonly summary: string;
  /** The least role that may do it. */
  readonly role: Role;
  /** Whether it concerns the actor's own account alone: then no role, and no company, is needed. */
  readonly own?: (actor: Actor, input: z.output<I>) => boolean;
  /**
   * Where the admin API has it, below its prefix: `POST /companies/:company/keys`. What is not in the path comes as query or body. GET
   * only reads; everything else is a change, and is recorded.
   */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  readonly input: I;
  /** Recorded though it only reads: it takes out what belongs to people. */
  readonly recorded?: true;
  /** It takes a while: people can watch it, and stop it. */
  readonly watched?: true;
  /** The media type of what it returns, a `Download`; undefined: plain data. */
  readonly produces?: string;
}

/** What one company has: whoever reaches the company may do it. */
interface OfCompany<I extends Input, Output> extends Common<I> {
  /** The company that the input concerns, without regard to the actor; null if what is named does not exist. */
  readonly company: (resources: Resources, input: z.output<I>) => Promise<CompanyRecord | null>;
  /** What is said then, and to whoever does not reach that company. */
  readonly missing: (input: z.output<I>) => Refusal;
  readonly run: (context: Context, input: z.output<I>, company: CompanyRecord) => Promise<Output>;
}

/** What concerns all companies: whoever reaches one only may not do it. */
interface OfInstallation<I extends Input, Output> extends Common<I> {
  readonly run: (context: Context, input: z.output<I>) => Promise<Output>;
}

/** Reads of as many companies as the actor reaches. */
interface OfReached<I extends Input, Output> extends Common<I> {
  /** @param companyId the only company that may be read; undefined: all may */
  readonly run: (context: Context, input: z.output<I>, companyId: string | undefined) => Promise<Output>;
}

export type Operation<I extends Input, Output> =
  | ({ readonly scope: 'company' } & OfCompany<I, Output>)
  | ({ readonly scope: 'installation' } & OfInstallation<I, Output>)
  | ({ readonly scope: 'reached' } & OfReached<I, Output>);

/** Whatever it takes and returns. */
// biome-ignore lint/suspicious/noExplicitAny: what an operation takes is contravariant, so no other type stands for all of them
export type AnyOperation = Operation<any, unknown>;

/** An operation whose input has the `company`, by name or id, unless it says how the company is found. */
export function ofCompany<I extends z.ZodType<{ company: string }>, Output>(
  operation: Omit<OfCompany<I, Output>, 'company' | 'missing'>,
) {
  return ofCompanysOwn({
    ...operation,
    company: ({ database }, { company }) => findCompany(database, company),
    missing: ({ company }) => noCompany(company),
  });
}

/** An operation on something that belongs to a company, such as a key. */
export function ofCompanysOwn<I extends Input, Output>(
  operation: OfCompany<I, Output>,
): Operation<I, Output> {
  return { ...operation, scope: 'company' };
}

export function ofInstallation<I extends Input, Output>(
  operation: OfInstallation<I, Output>,
): Operation<I, Output> {
  return { ...operation, scope: 'installation' };
}

export function ofReached<I extends Input, Output>(operation: OfReached<I, Output>): Operation<I, Output> {
  return { ...operation, scope: 'reached' };
}

/**
 * For operations of what is reached that may be asked for one company.
 *
 * @param name undefined: all that may be read
 * @returns the id of the only company to be read; undefined: all
 * @throws Refusal if it does not exist, or is not reached
 */
export async function onlyCompany(
  { database }: Pick<Resources, 'database'>,
  name: string | undefined,
  reached: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return reached;
  const company = await findCompany(database, name);
  if (company === null || (reached !== undefined && company.id !== reached)) throw noCompany(name);
  return company.id;
}

export function noCompany(nameOrId: string): Refusal {
  return new Refusal(`There is no company "${nameOrId}".`, {
    kind: 'not_found',
    see: { operation: 'company.list' },
  });
}

/** Whether it is in the audit log. */
export function isRecorded(operation: Pick<AnyOperation, 'route' | 'recorded'>): boolean {
  return operation.recorded === true || isChange(operation);
}

/** Whether it changes something, or does something outside. */
export function isChange({ route }: Pick<AnyOperation, 'route'>): boolean {
  return !route.startsWith('GET ');
}
