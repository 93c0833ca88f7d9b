import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The absolute path of the first of `names` that is in a folder of `searchPath` (the PATH). */
export async function findExecutable(names: readonly string[], searchPath = ''): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of searchPath.split(delimiter)) {
      if (folder === '') continue;
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
