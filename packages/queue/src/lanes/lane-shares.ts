/**
 * Who should serve which lane, so that no worker has two more than another. Every worker decides this for itself, from the board;
 * those that see the same board decide the same.
 *
 * @param owners worker by dialer; one that is not among `workers` stands for nobody
 * @param workers those that take lanes, each once
 * @returns the new worker of each lane that has none or has to move; no lane moves that need not
 */
export function shareOut(
  owners: ReadonlyMap<string, string>,
  workers: readonly string[],
): Map<string, string> {
  const lanes = new Map<string, string[]>(workers.map((worker) => [worker, []]));
  const free: string[] = [];
  for (const dialerId of [...owners.keys()].sort()) {
    (lanes.get(owners.get(dialerId) ?? '') ?? free).push(dialerId);
  }
  // Those with most keep the odd ones.
  const ranked = [...lanes].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1));
  const share = Math.floor(owners.size / workers.length);
  const odd = owners.size % workers.length;
  const quotas = ranked.map(([worker, has], at) => ({ worker, has, quota: at < odd ? share + 1 : share }));
  for (const { has, quota } of quotas) free.push(...has.slice(quota));

  const moves = new Map<string, string>();
  for (const { worker, has, quota } of quotas) {
    for (const dialerId of free.splice(0, Math.max(0, quota - has.length))) moves.set(dialerId, worker);
  }
  return moves;
}
