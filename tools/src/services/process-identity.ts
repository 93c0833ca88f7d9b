import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The start time of a process, in the system's format. It distinguishes the process from a later one with the same number. `undefined` if
 * no such process runs.
 */
export async function startedAt(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxStart(pid);
  const text = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    nothing,
  );
  return text === '' ? undefined : text;
}

/** The command line of a process, its arguments separated by blanks; `undefined` if it cannot be read. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(nothing);
    return raw?.replaceAll('\0', ' ').trim();
  }
  return run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(({ stdout }) => stdout.trim(), nothing);
}

/** Field 22 of /proc/<pid>/stat; the second field, the name, may contain blanks and brackets. A zombie counts as ended. */
async function linuxStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(nothing);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function nothing(): undefined {
  return undefined;
}
