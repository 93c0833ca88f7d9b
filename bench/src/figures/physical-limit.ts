/** Where more cannot be had, told in sentences: under a dialer's limits, and of the machine. */
export function physicalLimit(known: {
  readonly permitsPerSecond: number;
  /** Leads in an upload at most, as a dialer may be set. */
  readonly maxima: readonly number[];
  readonly cores: number;
  /** In ingress, worker, Redis and PostgreSQL together; null: not known. */
  readonly cpuMicrosPerLead: number | null;
  readonly measuredPerSecond: number;
}): string {
  const { permitsPerSecond, maxima, cores, cpuMicrosPerLead, measuredPerSecond } = known;
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const underLimits = maxima
    .map((maximum) => `${whole(permitsPerSecond * maximum)} leads/s with ${whole(maximum)} in an upload`)
    .join(', ');
  const limits = `Under RingCX's limits a dialer gets ${permitsPerSecond} permits a second: at most ${underLimits}, whatever the machine.`;
  if (cpuMicrosPerLead === null) return limits;
  const most = (cores * 1_000_000) / cpuMicrosPerLead;
  return (
    `${limits} Without limits it is the CPU: ${whole(cpuMicrosPerLead)} µs a lead are ${whole(most)} leads/s on ${cores} cores that do nothing else. ` +
    `Measured were ${whole(measuredPerSecond)}, since dialing system and load run on the same cores.`
  );
}
