import cliProgress from 'cli-progress';

export interface Progress {
  advance(): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line after every tenth. */
export function startProgress(total: number, output: NodeJS.WriteStream): Progress {
  return output.isTTY ? bar(total, output) : lines(total, output);
}

function bar(total: number, stream: NodeJS.WriteStream): Progress {
  const format = '{bar} {value}/{total} leads';
  const shown = new cliProgress.SingleBar({ format, stream }, cliProgress.Presets.shades_classic);
  shown.start(total, 0);
  return { advance: () => shown.increment(), stop: () => shown.stop() };
}

function lines(total: number, output: NodeJS.WritableStream): Progress {
  const step = Math.max(1, Math.floor(total / 10));
  let done = 0;
  return {
    advance() {
      done += 1;
      if (done % step === 0 || done === total) output.write(`${done}/${total} leads\n`);
    },
    stop() {},
  };
}
