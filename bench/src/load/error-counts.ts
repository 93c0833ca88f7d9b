/** More kinds than this would be a fault of ours. */
const mostKinds = 50;

export function createErrorCounts() {
  const by = new Map<string, number>();
  let errors = 0;
  return {
    add(kind: string): void {
      errors += 1;
      const name = by.has(kind) || by.size < mostKinds ? kind : 'other';
      by.set(name, (by.get(name) ?? 0) + 1);
    },
    counts: () => ({ errors, errorsBy: Object.fromEntries(by) }),
  };
}
