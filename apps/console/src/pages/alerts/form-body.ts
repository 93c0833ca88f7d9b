/** The fields of a form that was sent, each once. */
export type FormBody = Readonly<Record<string, string>>;

/** @param body as the parser of forms gives it: a field that came several times is a list */
export function formBody(body: unknown): FormBody {
  return Object.fromEntries(
    Object.entries((body ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name,
      String(Array.isArray(value) ? (value.at(-1) ?? '') : value).trim(),
    ]),
  );
}

/** All values of a field that may come several times, such as that of check boxes. */
export function formList(body: unknown, name: string): string[] {
  const value = ((body ?? {}) as Record<string, unknown>)[name];
  return value === undefined ? [] : [value].flat().map(String);
}
