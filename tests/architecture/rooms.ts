import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders of the sources of apps and packages, from the root of the clone, in order; generated ones left out. */
export async function roomsOf(cloneDir: string): Promise<string[]> {
  const found = await Promise.all(['apps', 'packages'].map((parent) => roomsBelow(cloneDir, parent)));
  return found.flat().sort();
}

async function roomsBelow(cloneDir: string, parent: string): Promise<string[]> {
  const workspaces = await readdir(join(cloneDir, parent));
  const found = workspaces.map(async (workspace) => {
    const source = `${parent}/${workspace}/src`;
    const entries = await readdir(join(cloneDir, source), { recursive: true, withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(cloneDir.length + 1)
          .replaceAll('\\', '/'),
      )
      .filter((folder) => !folder.includes('/generated'));
    return [source, ...folders];
  });
  return (await Promise.all(found)).flat();
}

/** The folders of the tree under the heading "Rooms", in order: a line for each, indented by two under the folder it is in. */
export function roomsIn(page: string): string[] {
  const [, tree = ''] = /^## Rooms$.*?^```text\n(.*?)^```$/ms.exec(page) ?? [];
  const path: string[] = [];
  const rooms = [...tree.matchAll(/^( *)(\S+?)\/?(?: |$)/gm)].map(([, indent = '', name = '']) => {
    path.splice(indent.length / 2, Infinity, name);
    return path.join('/');
  });
  return rooms.sort();
}
