/** What the rules look at in a source file. */
export interface SourceFile {
  /** From the root of the clone, with forward slashes. */
  readonly path: string;
  /** Every module specifier that it imports or re-exports, types and dynamic imports included. */
  readonly imports: readonly string[];
  readonly readsEnvironment: boolean;
}

/** Workspaces that a workspace's product code may import; those not named here (tools, tests, bench) may import any. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/runtime': ['packages/core'],
  'packages/queue': ['packages/core'],
  'packages/database': ['packages/core'],
  'packages/dialers': ['packages/core'],
  'packages/outbound': ['packages/core'],
  'packages/operations': [
    ...['packages/core', 'packages/runtime', 'packages/queue', 'packages/database', 'packages/dialers'],
    'packages/outbound',
  ],
};
const appsMayImport = Object.keys(mayImport);

/** Outside packages, and the workspaces that keep everybody else from knowing them. The benchmark's baselines do without ours. */
const onlyImporters: readonly { readonly module: RegExp; readonly importers: readonly string[] }[] = [
  { module: /^(bullmq|ioredis)(\/|$)/, importers: ['packages/queue', 'bench'] },
  { module: /^(@prisma\/|prisma(\/|$))/, importers: ['packages/database', 'prisma', 'prisma.config.ts'] },
  { module: /(^|\/)generated\/(client|models|enums|internal)/, importers: ['packages/database'] },
  { module: /^standardwebhooks$/, importers: ['packages/outbound', 'tests'] },
  { module: /^got(\/|$)/, importers: ['packages/dialers', 'bench'] },
  { module: /^nodemailer(\/|$)/, importers: ['packages/outbound'] },
];

/** The domain does no I/O. */
const coreMayImport = ['zod', 'node:crypto', 'node:zlib'];

/**
 * The rooms of a workspace, folders and files of its `src`, from the top down. A file imports from its own room and from those further down;
 * rooms on one line do not import one another. A workspace that is not named here has no such order yet.
 */
const rooms: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'apps/admin': [
    ['main'],
    ['run-admin', 'start-quickly'],
    ['program'],
    [
      'admin-key',
      'alert',
      'ani',
      'audit',
      'campaign',
      'dnc',
      'encryption',
      'lead',
      'overview',
      'person',
      'webhook',
    ],
    ['dialer'],
    ['intake'],
    ['company'],
    ['command'],
    ['session'],
    ['environment'],
    ['terminal'],
  ],
  'apps/console': [
    ['main'],
    ['start'],
    ['console'],
    ['admin-api', 'environment', 'pages'],
    ['operations', 'queues'],
    ['assets', 'live'],
    ['sign-in'],
    ['html'],
    ['base-path', 'console-metrics'],
  ],
  'apps/ingress': [
    ['main'],
    ['start'],
    ['ingress', 'stores', 'watched-producer'],
    ['environment', 'ingress-metrics'],
    ['batch'],
    ['dry-run'],
    ['assignment', 'dnc', 'refused', 'status', 'submit'],
    ['body', 'phone-check'],
    ['admission', 'outcome'],
    ['http'],
    ['openapi'],
    ['answers', 'errands', 'stopping'],
  ],
  'apps/worker': [
    ['main'],
    ['start'],
    ['environment', 'worker'],
    ['alerts', 'upkeep', 'webhooks'],
    ['account', 'lane'],
    ['read-back'],
    ['delivery'],
    ['dialer'],
    ['metrics'],
  ],
  'packages/core': [
    ['alert', 'limits', 'status', 'webhook'],
    ['caller-id', 'directory', 'ids', 'upload'],
    ['crypto'],
    ['clock', 'lead'],
  ],
  'packages/dialers': [
    ['credential', 'families', 'found-response', 'lead-loaders'],
    ['voice-api'],
    ['family'],
    ['http'],
    ['account'],
    ['lead-loader'],
  ],
  'packages/outbound': [['mail', 'phone-check', 'webhooks'], ['http']],
  'packages/queue': [
    ['limits', 'webhooks'],
    ['jobs'],
    ['errands', 'leases', 'phone-checks', 'sign-in', 'streams'],
    ['redis'],
  ],
  'packages/operations': [
    ['operations'],
    ['alert', 'ani', 'lead'],
    [
      'admin-key',
      'audit',
      'campaign',
      'company',
      'dnc',
      'encryption',
      'intake',
      'key',
      'overview',
      'person',
      'webhook',
    ],
    ['dialer'],
    ['own-endpoint', 'perform'],
    ['record-change'],
    ['operation'],
    ['inputs', 'spreadsheet'],
    ['open-resources'],
    ['actor', 'download', 'environment', 'refusal', 'resources'],
    ['credentials'],
  ],
  'packages/database': [
    [
      'alerts',
      'audit',
      'directory',
      'duplicates',
      'figures',
      'overview',
      'people',
      'refused',
      'upkeep',
      'webhooks',
    ],
    ['leads'],
    ['caller-ids'],
    ['pauses', 'schema', 'suppression'],
    ['connection'],
    ['generated'],
  ],
  'packages/runtime': [['main'], ['lifecycle'], ['monitoring'], ['configuration', 'logging', 'repeat']],
};

const forbiddenNames = /^(utils?|commons?|helpers?|misc|shared)$/;

/** One sentence for every breach of CONTRIBUTING.md's rules, in the order of the files. Test files may import anything. */
export function violations(files: readonly SourceFile[]): string[] {
  const inOrder = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...inOrder.flatMap(breaches), ...environmentBreaches(inOrder)];
}

function breaches(file: SourceFile): string[] {
  const names = nameBreaches(file.path);
  return isTest(file.path)
    ? names
    : [...names, ...file.imports.flatMap((module) => importBreaches(file, module))];
}

function nameBreaches(path: string): string[] {
  const names = path.split('/').map((name) => name.replace(/\..*$/, ''));
  const vague = names
    .filter((name) => forbiddenNames.test(name))
    .map((name) => `${path}: "${name}" names no subject`);
  return /^(apps|packages)\/.*\/index\.ts$/.test(path)
    ? [...vague, `${path}: no barrels, import by subject`]
    : vague;
}

function importBreaches({ path }: SourceFile, module: string): string[] {
  const from = workspaceOf(path);
  const to = importedWorkspace(path, module);
  if (to !== undefined && to !== from)
    return directionAllows(from, to) ? [] : [`${path}: ${from} must not import ${to}`];
  if (from === 'packages/core' && isOutside(module) && !coreMayImport.includes(module)) {
    return [`${path}: packages/core must not import ${module}`];
  }
  const inside = to === from ? roomBreaches(path, module) : [];
  const outside = onlyImporters
    .filter((rule) => rule.module.test(module) && !rule.importers.includes(from))
    .map((rule) => `${path}: only ${rule.importers[0]} may import ${module}`);
  return [...inside, ...outside];
}

function roomBreaches(path: string, module: string): string[] {
  const workspace = workspaceOf(path);
  const levels = rooms[workspace];
  if (levels === undefined) return [];
  const from = roomOf(path);
  const to = roomOf(module.startsWith('.') ? resolveRelative(path, module) : module);
  if (from === to) return [];
  const levelOf = (room: string) => levels.findIndex((level) => level.includes(room));
  const lost = [from, to].find((room) => levelOf(room) < 0);
  if (lost !== undefined) return [`${path}: "${lost}" is not in the order of the rooms of ${workspace}`];
  return levelOf(from) < levelOf(to) ? [] : [`${path}: ${from} must not import ${to}`];
}

/** "lead" of "packages/core/src/lead/phone.ts" and of "@live-feed/core/lead/phone"; "main" of "apps/ingress/src/main.ts". */
function roomOf(path: string): string {
  const [room = ''] = path.replace(/^(.*?\/src|@live-feed\/[^/]+)\//, '').split('/');
  return room.replace(/\..*$/, '');
}

function directionAllows(from: string, to: string): boolean {
  if (from.startsWith('apps/')) return appsMayImport.includes(to);
  return mayImport[from]?.includes(to) ?? true;
}

/** Reads the environment on behalf of the app that calls it. */
const sharedReader = 'packages/runtime/src/main.ts';

/** Packages are told what they need; an app reads its environment in one place. */
function environmentBreaches(files: readonly SourceFile[]): string[] {
  const readers = files.filter((file) => file.readsEnvironment && !isTest(file.path));
  const inPackages = readers.filter(({ path }) => path.startsWith('packages/') && path !== sharedReader);
  const inApps = readers.filter(({ path }) => path.startsWith('apps/'));
  const second = inApps.filter(
    ({ path }, at) => inApps.findIndex((other) => workspaceOf(other.path) === workspaceOf(path)) < at,
  );
  return [
    ...inPackages.map(({ path }) => `${path}: a package must not read process.env`),
    ...second.map(({ path }) => `${path}: ${workspaceOf(path)} already reads process.env elsewhere`),
  ];
}

function isTest(path: string): boolean {
  return /\.test\.ts$|\/testing\//.test(path);
}

/** "packages/core" of "packages/core/src/lead/phone.ts"; "tools" of "tools/src/demo.ts". */
function workspaceOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'apps' || first === 'packages' ? `${first}/${second}` : first;
}

/** The workspace that a specifier leads to, by name or by relative path; `undefined` for anything outside. */
function importedWorkspace(path: string, module: string): string | undefined {
  if (module.startsWith('.')) return workspaceOf(resolveRelative(path, module));
  const name = /^@live-feed\/([^/]+)/.exec(module)?.[1];
  if (name === undefined) return undefined;
  if (name === 'tools' || name === 'tests') return name;
  return mayImport[`packages/${name}`] ? `packages/${name}` : `apps/${name}`;
}

function resolveRelative(path: string, module: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const step of module.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

function isOutside(module: string): boolean {
  return !module.startsWith('.') && !module.startsWith('@live-feed/');
}
