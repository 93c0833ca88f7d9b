/** A member that a change made different. */
export interface Difference {
  /** Dotted: `limits.rate`. Empty: the whole. */
  readonly member: string;
  /** As people read it; undefined: it was not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const MOST = 50;

/** What differs between two states of something, as the audit log has them; null: there was none. At most 50. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  const members = [...new Set([...was.keys(), ...is.keys()])];
  return members
    .map((member) => ({ member, before: was.get(member), after: is.get(member) }))
    .filter((each) => each.before !== each.after)
    .slice(0, MOST);
}

/** By their dotted names; lists are one member each. */
function membersOf(value: unknown, name = '', found = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) {
    if (name !== '') found.set(name, 'none');
    return found;
  }
  if (typeof value !== 'object' || Array.isArray(value)) return found.set(name, written(value));
  for (const [member, inner] of Object.entries(value))
    membersOf(inner, name === '' ? member : `${name}.${member}`, found);
  return found;
}

function written(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.length === 0 ? 'none' : value.join(', ');
  return JSON.stringify(value);
}
