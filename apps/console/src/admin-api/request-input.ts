import { InputError } from '@live-feed/operations/refusal';
import { z } from 'zod';

/** A member of an operation's input, as JSON schema has it. */
export interface InputMember {
  readonly type?: string;
  readonly items?: InputMember;
}

/** Of unknown members. */
const MOST_NAMED = 10;

export type InputMembers = Readonly<Record<string, InputMember>>;

export function inputMembers(input: z.ZodType): InputMembers {
  return (z.toJSONSchema(input, { io: 'input' }).properties ?? {}) as InputMembers;
}

/**
 * An operation's input: the members of the JSON body, then those of the query, then those of the path, which count most. Texts of query
 * and path are read as what the member is. A member that the operation does not have is refused: a filter that is misspelled would
 * otherwise fit everything.
 *
 * @throws InputError if the body is no object, or there is no such member
 */
export function givenInput(
  request: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
  members: InputMembers,
): object {
  const { params, query, body } = request;
  if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body))) {
    throw new InputError([{ member: '', message: 'Send a JSON object.' }]);
  }
  const unknown = Object.keys({ ...body, ...(query as object) }).filter(
    (name) => !Object.hasOwn(members, name),
  );
  if (unknown.length > 0) {
    const message = `There is no such member. There are: ${Object.keys(members).join(', ') || 'none'}.`;
    throw new InputError(
      unknown.slice(0, MOST_NAMED).map((name) => ({ member: name.slice(0, 64), message })),
    );
  }
  const texts = { ...(query as object), ...(params as object) };
  return {
    ...body,
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, read(text, members[name])])),
  };
}

/** What cannot be read is left as it is: the schema says what is wrong with it. */
function read(text: unknown, member: InputMember | undefined): unknown {
  if (member?.type === 'array') return [text].flat().map((each) => read(each, member.items));
  if (typeof text !== 'string') return text;
  if (member?.type === 'integer' || member?.type === 'number') {
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  if (member?.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
