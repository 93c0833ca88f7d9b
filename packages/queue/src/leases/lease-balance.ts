/**
 * Which worker should have which lease, so that no worker has two more than another. Every worker computes this from the registry;
 * workers that see the same registry get the same result.
 *
 * @param owners worker by dialer; an owner that is not among `workers` counts as none
 * @param workers those that take leases, each once
 * @returns the new owner of each lease that has none or must move; no other lease moves
 */
export function balance(
  owners: ReadonlyMap<string, string>,
  workers: readonly string[],
): Map<string, string> {
  const leases = new Map<string, string[]>(workers.map((worker) => [worker, []]));
  const free: string[] = [];
  for (const dialerId of [...owners.keys()].sort()) {
    (leases.get(owners.get(dialerId) ?? '') ?? free).push(dialerId);
  }
  // The workers with most leases keep the remainder.
  const ranked = [...leases].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1));
  const share = Math.floor(owners.size / workers.length);
  const remainder = owners.size % workers.length;
  const quotas = ranked.map(([worker, has], at) => ({
    worker,
    has,
    quota: at < remainder ? share + 1 : share,
  }));
  for (const { has, quota } of quotas) free.push(...has.slice(quota));

  const moves = new Map<string, string>();
  for (const { worker, has, quota } of quotas) {
    for (const dialerId of free.splice(0, Math.max(0, quota - has.length))) moves.set(dialerId, worker);
  }
  return moves;
}
