import { reaches } from '@live-feed/core/directory/role';
import { validationMessage } from '@live-feed/core/validation-message';
import { beginProgress } from '@live-feed/database/audit/change-progress';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import type { z } from 'zod';
import type { Actor } from './actor.ts';
import { maskedInput } from './inputs/masked-input.ts';
import { type ChangeFacts, type Context, isRecorded, type Operation } from './operation.ts';
import { recordChange } from './record-change.ts';
import { InputError, Refusal } from './refusal.ts';
import type { Resources } from './resources.ts';

/** Who asks, and what it is done with. */
export interface Session {
  readonly actor: Actor;
  readonly resources: Resources;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Context['progress'] | undefined;
  /** Called with the id of its entry in the audit log, before the change is made. */
  readonly begun?: ((entryId: string) => void) | undefined;
}

/**
 * Carries out an operation. The only way to do so: it checks the input, that the actor may do it to that company, and records a change
 * before it is made and how it ended; a dry run is not recorded. If the process dies in between, the audit log has the change without an end.
 *
 * @throws InputError if the input is not what the operation takes
 * @throws Refusal if the actor may not, or the operation says so; what is not the actor's does not exist for it
 */
export async function perform<I extends z.ZodType<object>, Output>(
  session: Session,
  operation: Operation<I, Output>,
  given: z.input<I>,
): Promise<Output> {
  const { actor, resources } = session;
  const input = readInput(operation.input, given);
  const isOwn = operation.own?.(actor, input) ?? false;
  if (!isOwn && !reaches(actor.role, operation.role)) {
    throw new Refusal(`Your role is ${actor.role}; this needs the role ${operation.role}.`, {
      kind: 'forbidden',
    });
  }
  const run = await whatToRun(session, operation, input, isOwn);
  const facts: ChangeFacts[] = [];
  const context: Context = {
    ...resources,
    ...{ actor, entryId: null },
    signal: session.signal ?? NEVER,
    progress: session.progress ?? (() => undefined),
    record: (each) => void facts.push(each),
  };
  if (!isRecorded(operation) || isDryRun(input)) return run.with(context);

  const { entryId, end } = await recordChange(resources.database, actor, {
    operation: operation.name,
    company: run.company,
    input: maskedInput(operation.input, input),
  });
  if (operation.watched) await beginProgress(resources.database, entryId);
  session.begun?.(entryId);
  const known = (): ChangeFacts => Object.assign({}, ...facts);
  try {
    const output = await run.with({ ...context, entryId });
    await end({ outcome: 'done', message: null, ...known() });
    return output;
  } catch (error) {
    const isRefusal = error instanceof Refusal || error instanceof InputError;
    const [outcome, message] = isRefusal
      ? ['refused' as const, error.message]
      : ['failed' as const, nameOf(error)];
    await end({ outcome, message, ...known() });
    throw error;
  }
}

/** By the name of the member, whatever the operation: then nothing is changed, and nothing recorded. */
function isDryRun(input: object): boolean {
  return 'dryRun' in input && input.dryRun === true;
}

const NEVER = new AbortController().signal;

function readInput<I extends z.ZodType<object>>(schema: I, given: z.input<I>): z.output<I> {
  const reading = schema.safeParse(given, { error: validationMessage });
  if (reading.success) return storable(reading.data);
  throw new InputError(
    reading.error.issues.map(({ path, message }) => ({ member: path.join('.'), message })),
  );
}

/** @throws InputError for a text that PostgreSQL cannot store: with the character NUL, or with half of a character (a lone surrogate) */
function storable<Input extends object>(input: Input): Input {
  const member = memberNotStorable(input, []);
  if (member === undefined) return input;
  throw new InputError([
    { member: member.join('.'), message: 'A text may not have the character NUL, nor half of a character.' },
  ]);
}

function memberNotStorable(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (typeof value === 'string') return /[\0\p{Surrogate}]/u.test(value) ? path : undefined;
  if (Array.isArray(value)) {
    const at = value.findIndex((each) => memberNotStorable(each, path) !== undefined);
    return at === -1 ? undefined : memberNotStorable(value[at], [...path, String(at)]);
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return undefined;
  }
  for (const [name, each] of Object.entries(value)) {
    const found = memberNotStorable(name, path) ?? memberNotStorable(each, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The operation's own part, once it is known that the actor may do it. */
async function whatToRun<I extends z.ZodType<object>, Output>(
  { actor, resources }: Session,
  operation: Operation<I, Output>,
  input: z.output<I>,
  isOwn: boolean,
): Promise<{ readonly company?: CompanyRecord; readonly with: (context: Context) => Promise<Output> }> {
  switch (operation.scope) {
    case 'company': {
      const company = await operation.company(resources, input);
      const isReached = company !== null && (actor.companyId === null || actor.companyId === company.id);
      if (!isReached) throw operation.missing(input);
      return { company, with: (context) => operation.run(context, input, company) };
    }
    case 'installation':
      if (actor.companyId !== null && !isOwn) {
        throw new Refusal('You reach one company only; this concerns all of them.', { kind: 'forbidden' });
      }
      return { with: (context) => operation.run(context, input) };
    case 'reached':
      return { with: (context) => operation.run(context, input, actor.companyId ?? undefined) };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
