import { installWithApt } from './apt-package.ts';
import { findExecutable } from './executables.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The path of a Chromium in the PATH, for tests. If there is none, it installs Debian's as root and reports that through `say`; elsewhere it
 * throws an error that says what to do.
 */
export async function chromiumBinary(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const found = await findExecutable(names, env['PATH']);
  if (found) return found;
  const apt = process.getuid?.() === 0 ? await findExecutable(['apt-get'], env['PATH']) : undefined;
  if (apt === undefined) {
    throw new Error(
      `There is none of ${names.join(', ')} in the PATH. Install one, then run this again: sudo apt-get install -y chromium`,
    );
  }
  return installWithApt({ apt, name: 'chromium', programs: names, env, say });
}
