import cliProgress from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** @param total may be an estimate */
  show(done: number, total: number): void;
  stop(): void;
}

/** A bar on a terminal. Elsewhere nothing is shown before the report. */
export function startProgress({ stderr }: Terminal, what: string): Progress {
  if (!stderr.isTTY) return { show() {}, stop() {} };
  const bar = new cliProgress.SingleBar(
    { format: `{bar} {value}/{total} ${what}, {eta_formatted} left`, stream: stderr as NodeJS.WriteStream },
    cliProgress.Presets.shades_classic,
  );
  let begun = false;
  return {
    show(done, total) {
      if (!begun) bar.start(total, done);
      begun = true;
      bar.setTotal(Math.max(done, total));
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
