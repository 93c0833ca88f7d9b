export interface CommandCost {
  readonly calls: number;
  /** Of Redis' one thread. */
  readonly micros: number;
}

export type CommandStats = ReadonlyMap<string, CommandCost>;

/** Reads the answer to `INFO commandstats`. */
export function parseCommandStats(info: string): CommandStats {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
  return new Map(
    [...lines].map(([, name = '', calls, micros]) => [
      name,
      { calls: Number(calls), micros: Number(micros) },
    ]),
  );
}

/** What came between two looks, the most expensive first. The commands of a Lua script are told beside the script that called them. */
export function commandsBetween(before: CommandStats, after: CommandStats): [string, CommandCost][] {
  return [...after]
    .map(([name, { calls, micros }]): [string, CommandCost] => {
      const known = before.get(name) ?? { calls: 0, micros: 0 };
      return [name, { calls: calls - known.calls, micros: micros - known.micros }];
    })
    .filter(([, { calls }]) => calls > 0)
    .sort(([, a], [, b]) => b.micros - a.micros);
}
