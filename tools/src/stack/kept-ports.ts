import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../services/free-port.ts';

/** Where what people and dialers point at listens, on 127.0.0.1; 0 takes any free port. */
const portsSchema = z.object({ ingress: z.number(), dashboard: z.number(), simulator: z.number() });
export type StackPorts = z.output<typeof portsSchema>;

export const ANY_PORTS: StackPorts = { ingress: 0, dashboard: 0, simulator: 0 };
const USUAL_PORTS: StackPorts = { ingress: 3_000, dashboard: 3_001, simulator: 3_002 };

/**
 * The ports of the stack that keeps its data in `folder`: the usual ones, or others where these are taken at the first start, and the same
 * from then on. One that somebody else uses now is replaced for this run only.
 *
 * @param say told what is replaced
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
    dashboard: await freeOr(wanted.dashboard),
    simulator: await freeOr(wanted.simulator),
  };
  if (kept === undefined) {
    await writeFile(file, JSON.stringify(ports), { flag: 'wx' });
    return ports;
  }
  for (const app of ['ingress', 'dashboard', 'simulator'] as const) {
    if (ports[app] === kept[app]) continue;
    say(`Port ${kept[app]} of the ${app} is used by another process; it is ${ports[app]} for this run.`);
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
