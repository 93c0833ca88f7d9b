import { join } from 'node:path';
import { ensureDatabase } from './databases.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

export interface ServicesOptions {
  /** Read for `DATABASE_URL`, `REDIS_URL` and the PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** Keeps the data here between runs. Without it they are removed after this run. */
  readonly dataDir?: string;
  /** `false`: PostgreSQL never waits for the disk and Redis keeps no file. Default `true`. */
  readonly durable?: boolean;
  readonly say?: (line: string) => void;
}

export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Stops the services that were started here, not those that the environment names. */
  stop(): Promise<void>;
}

/** PostgreSQL and Redis: those that the environment names, otherwise private ones. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const database = await chooseDatabase(options);
  try {
    const redis = await chooseRedis(options);
    return {
      databaseUrl: database.url,
      redisUrl: redis.url,
      async stop() {
        await redis.stop();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

interface Chosen {
  readonly url: string;
  stop(): Promise<void>;
}

async function chooseDatabase({ env, dataDir, durable = true }: ServicesOptions): Promise<Chosen> {
  const named = env['DATABASE_URL'];
  if (named) return { url: named, stop: async () => {} };
  const kept = dataDir === undefined ? {} : { dataDir: join(dataDir, 'postgres') };
  const server = await startPostgres({ env, durable, ...kept });
  try {
    return { url: await ensureDatabase(server.url, 'live_feed'), stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function chooseRedis({ env, dataDir, durable = true, say }: ServicesOptions): Promise<Chosen> {
  const named = env['REDIS_URL'];
  if (named) return { url: named, stop: async () => {} };
  const kept = dataDir === undefined ? {} : { dataDir: join(dataDir, 'redis') };
  return startRedis({ env, appendonly: durable, ...kept, ...(say ? { say } : {}) });
}
