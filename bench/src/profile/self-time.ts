import { z } from 'zod';

/** What is read of Chrome's CPU profile format. */
export const cpuProfileSchema = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) }),
  ),
  /** The node that was running at each sample. */
  samples: z.array(z.number()),
  /** Microseconds from the sample before. */
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof cpuProfileSchema>;

/** The inspector at work: that the profile is begun and ended. */
const PROFILER_ITSELF = 'dispatch in C++';

/** Microseconds by where the code is: a package, a folder of ours, Node itself, a function of its C++ part, the garbage collector. Most first; idle time and the profiler itself are left out. */
export function selfTimeByPlace({
  nodes,
  samples,
  timeDeltas,
}: CpuProfile): [place: string, micros: number][] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const micros = new Map<string, number>();
  for (const [at, node] of samples.entries()) {
    const place = places.get(node) ?? 'unknown';
    micros.set(place, (micros.get(place) ?? 0) + (timeDeltas[at] ?? 0));
  }
  micros.delete('(idle)');
  micros.delete(PROFILER_ITSELF);
  return [...micros].sort(([, a], [, b]) => b - a);
}

function placeOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url === '')
    return functionName.startsWith('(') ? functionName : `${functionName || 'native code'} in C++`;
  if (url.startsWith('node:')) return 'node';
  const [, installed] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (installed !== undefined) return installed;
  return /\/((?:apps|packages)\/[^/]+)\/src\//.exec(url)?.[1] ?? url;
}
