/** As much of a package-lock.json as is looked at. */
export interface PackageLock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  /** A workspace's entry under node_modules leads to its folder. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its author has it; `UNKNOWN` if there is none. */
  readonly licence: string;
}

const MODULES = 'node_modules/';

/** What is installed with `npm ci --omit=dev` for these workspaces: what they depend on, and what that depends on. By name and version. */
export function productionPackages(lock: PackageLock, workspaces: readonly string[]): ProductionPackage[] {
  const reached = new Set<string>();
  const left = [...workspaces];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const { link, resolved, ...entry } = lock.packages[path] ?? {};
    if (link && resolved !== undefined) left.push(resolved);
    const { dependencies, optionalDependencies, peerDependencies } = entry;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = resolve(lock, path, name);
      // Optional ones and peers need not be there.
      if (found !== undefined) left.push(found);
    }
  }
  return [...reached]
    .filter((path) => path.includes(MODULES) && !lock.packages[path]?.link)
    .map((path) => describe(path, lock.packages[path] ?? {}))
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** The names of all packages that run something when they are installed, whatever they are needed for. */
export function packagesWithInstallScripts(lock: PackageLock): string[] {
  const names = Object.entries(lock.packages)
    .filter(([path, { hasInstallScript }]) => path.includes(MODULES) && hasInstallScript)
    .map(([path]) => nameOf(path));
  return [...new Set(names)].sort();
}

/** As Node looks for it: in the folder itself, then in every one above. */
function resolve(lock: PackageLock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? MODULES + name : `${folder}/${MODULES}${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

function describe(path: string, { name, version, license }: LockedPackage): ProductionPackage {
  return { name: name ?? nameOf(path), version: version ?? '', licence: license ?? 'UNKNOWN' };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(MODULES) + MODULES.length);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
