import { migrate } from '@live-feed/database/schema/migrate';
import { startServices } from './services/services.ts';
import { type AppName, appEnvironments, consoleUser, signInAt } from './stack/app-environments.ts';
import { type AppProcess, startApp } from './stack/app-process.ts';
import { type DemoCompanies, seedDemoCompanies } from './stack/demo-companies.ts';
import { isUnused, seedDemoTraffic } from './stack/demo-traffic.ts';
import { ANY_PORTS, keptPorts } from './stack/kept-ports.ts';
import { keptSecrets, makeSecrets } from './stack/kept-secrets.ts';
import { createOwner, type Owner } from './stack/owner.ts';

export interface StackOptions {
  /** `DATABASE_URL` and `REDIS_URL` name services to use instead of embedded ones. All variables are passed to the apps. */
  readonly env: NodeJS.ProcessEnv;
  /** Called with every line that a process logs. */
  readonly log: (name: string, line: string) => void;
  /** Keeps data and secrets here; the folder must exist. Without it they are removed after this run. */
  readonly dataDir?: string;
  /** `false`: the embedded services never wait for the disk. Default: whether there is a `dataDir`. */
  readonly durable?: boolean;
  /** Fills the console with an hour of leads of the demo companies, if nobody has used the database yet. */
  readonly withTraffic?: boolean;
  /** Default 1. */
  readonly workers?: number;
  /** Default 1. */
  readonly ingresses?: number;
  /** Owns the stack, and can stop it while it starts. Default: a new owner. */
  readonly owner?: Owner;
}

export interface ListeningApp extends AppProcess {
  readonly url: string;
}

export interface Stack extends DemoCompanies {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly simulatorUrl: string;
  /** URL of the first ingress. */
  readonly ingressUrl: string;
  readonly ingresses: readonly ListeningApp[];
  readonly workers: readonly AppProcess[];
  readonly consoleUrl: string;
  readonly consoleUser: string;
  readonly consolePassword: string;
  /** The variables of the admin command line, secrets included. */
  readonly adminEnvironment: Readonly<Record<string, string>>;
  /** Resolves to the name of the first process that ends by itself, or to `undefined` once the stack is stopped. */
  readonly ended: Promise<string | undefined>;
  /** Stops everything in reverse order: ingresses first, services last. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the services, migrates, seeds the demo companies, and starts simulator, workers, console and ingresses, each as a process on
 * 127.0.0.1, on the ports kept with the data or else on free ones. Resolves when all are ready. If one fails, stops everything and throws.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { owner = createOwner() } = options;
  try {
    return await startAll(options, owner);
  } catch (error) {
    await owner.stop();
    throw error;
  }
}

async function startAll(options: StackOptions, owner: Owner): Promise<Stack> {
  const { env, log, dataDir, durable = dataDir !== undefined, workers = 1, ingresses = 1 } = options;
  const secrets = dataDir === undefined ? makeSecrets() : await keptSecrets(dataDir);
  const kept = dataDir === undefined ? {} : { dataDir };
  const services = await owner.own(
    await startServices({ env, durable, ...kept, say: (line) => log('services', line) }),
  );
  await migrate(services.databaseUrl);
  const isToFill = options.withTraffic === true && (await isUnused(services.databaseUrl));

  const ports = dataDir === undefined ? ANY_PORTS : await keptPorts(dataDir, (line) => log('stack', line));
  const environments = appEnvironments({ env, services, secrets, ports });
  const processes: AppProcess[] = [];
  const start = async (name: string, app: AppName, more: NodeJS.ProcessEnv = {}) => {
    const env = { ...environments[app], ...more };
    const started = await owner.own(await startApp({ name, app, env, log }));
    processes.push(started);
    return started;
  };
  const startSeveral = (app: AppName, count: number, more: NodeJS.ProcessEnv = {}) =>
    inParallel(
      Array.from({ length: count }, (_, n) =>
        // Only the first ingress has the kept port.
        start(count === 1 ? app : `${app} ${n + 1}`, app, n === 0 ? more : { ...more, INGRESS_PORT: '0' }),
      ),
    );

  const simulator = withUrl(await start('simulator', 'dialer-simulator'));
  const demo = await seedDemoCompanies({
    databaseUrl: services.databaseUrl,
    secrets,
    simulatorUrl: simulator.url,
  });
  if (isToFill) {
    const leads = await seedDemoTraffic({ ...services, secrets });
    log('stack', `the console has ${leads} leads of demo companies, as if an hour had passed`);
  }
  const workerProcesses = await startSeveral('worker', workers, signInAt(simulator.url, env));
  const console = withUrl(await start('console', 'console'));
  const ingressProcesses = (await startSeveral('ingress', ingresses)).map(withUrl);
  const [first] = ingressProcesses;
  if (!first) throw new RangeError('A stack has at least one ingress.');

  return {
    ...demo,
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    simulatorUrl: simulator.url,
    ingressUrl: first.url,
    ingresses: ingressProcesses,
    workers: workerProcesses,
    consoleUrl: console.url,
    consoleUser,
    consolePassword: secrets.consolePassword,
    adminEnvironment: {
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      SEAL_KEYS: secrets.sealKeys,
      PHONE_DIGEST_SECRET: secrets.phoneDigestSecret,
      ADMIN_API_URL: first.url,
      ...signInAt(simulator.url, env),
    },
    ended: firstToEnd(processes, owner),
    stop: () => owner.stop(),
  };
}

/** Waits for all even if one fails, so that everything started has an owner. */
async function inParallel<T>(starts: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}

function withUrl(process: AppProcess): ListeningApp {
  const { url } = process;
  if (url === undefined)
    throw new Error(`The ${process.name} did not report where it listens: its ready line has no "url".`);
  return { ...process, url };
}

function firstToEnd(processes: readonly AppProcess[], owner: Owner): Promise<string | undefined> {
  return new Promise((resolve) => {
    for (const { name, exited } of processes) exited.then(() => resolve(owner.stopping ? undefined : name));
  });
}
