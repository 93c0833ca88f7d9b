import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotArrange } from '../fault.ts';

/** The time of day of one server, which can step while it runs. Its durations (CLOCK_MONOTONIC) stay right, as they do in reality. */
export interface SteppedClock {
  /** For the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** @throws CannotArrange where libfaketime is not installed */
  step(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Where Debian's package `libfaketime` puts it. */
const LIBRARIES = ['x86_64', 'aarch64'].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`,
);

export async function createSteppedClock(): Promise<SteppedClock> {
  const library = await firstOf(LIBRARIES);
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-clock-'));
  const file = join(folder, 'offset');
  let offsetMs = 0;

  async function write() {
    const sign = offsetMs < 0 ? '-' : '+';
    await writeFile(file, `${sign}${Math.abs(offsetMs) / 1_000}s`, { mode: 0o644 });
  }

  // The server may run as another user.
  await chmod(folder, 0o755);
  await write();
  return {
    env:
      library === undefined
        ? {}
        : {
            LD_PRELOAD: library,
            FAKETIME_TIMESTAMP_FILE: file,
            FAKETIME_NO_CACHE: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
            FAKETIME_DISABLE_SHM: '1',
          },
    async step(ms) {
      if (library === undefined) throw new CannotArrange('libfaketime is not installed');
      offsetMs += ms;
      await write();
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
