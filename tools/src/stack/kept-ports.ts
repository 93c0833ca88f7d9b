import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../services/free-port.ts';

/** The ports on 127.0.0.1 that people and dialers use; 0 takes any free port. */
const portsSchema = z.object({ ingress: z.number(), console: z.number(), simulator: z.number() });
export type StackPorts = z.output<typeof portsSchema>;

export const ANY_PORTS: StackPorts = { ingress: 0, console: 0, simulator: 0 };
const USUAL_PORTS: StackPorts = { ingress: 3_000, console: 3_001, simulator: 3_002 };

/**
 * The ports of the stack that keeps its data in `folder`. The first start uses the usual ports, or free ones for those in use; later starts
 * use the same. A port that another process uses now is replaced for this run only.
 *
 * @param say called with a message for each replaced port
 */
export async function keptPorts(
  folder: string,
  say: (line: string) => void,
  usual = USUAL_PORTS,
): Promise<StackPorts> {
  const file = join(folder, 'ports.json');
  const kept = await readKept(file);
  const wanted = kept ?? usual;
  const ports = {
    ingress: await freeOr(wanted.ingress),
    console: await freeOr(wanted.console),
    simulator: await freeOr(wanted.simulator),
  };
  if (kept === undefined) {
    await writeFile(file, JSON.stringify(ports), { flag: 'wx' });
    return ports;
  }
  for (const app of ['ingress', 'console', 'simulator'] as const) {
    if (ports[app] === kept[app]) continue;
    say(`Port ${kept[app]} of the ${app} is used by another process; this run uses ${ports[app]}.`);
  }
  return ports;
}

async function readKept(file: string): Promise<StackPorts | undefined> {
  try {
    return portsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read. Remove it to get other ports.`, { cause: error });
  }
}

async function freeOr(port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
