import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import type pg from 'pg';

/**
 * The schema engine behind `prisma migrate`, for tests that compare our migrations and runner with it. As WebAssembly it is an ordinary
 * package; the command line's binary would have to be downloaded.
 */
export interface SchemaEngine {
  /** The differences between the database and schema.prisma; empty if there are none. */
  drift(): Promise<string>;
  /** As `prisma migrate deploy`; the names of the migrations that were applied. It keeps the migration lock. */
  deploy(): Promise<string[]>;
  /** As `prisma migrate status`. `history` is null when everything is applied. */
  status(): Promise<engineModule.DiagnoseMigrationHistoryOutput>;
}

const prismaFolder = fileURLToPath(new URL('../../../../prisma', import.meta.url));
const filters = { externalTables: [], externalEnums: [] };

/**
 * Works on the client's session, so that it sees the client's transaction. The client stays the caller's to end.
 *
 * @param migrations the folder with the migrations
 */
export async function startSchemaEngine(
  client: pg.Client,
  migrations = join(prismaFolder, 'migrations'),
): Promise<SchemaEngine> {
  await loadOnce();
  const path = join(prismaFolder, 'schema.prisma');
  const schema = { files: [{ path, content: await readFile(path, 'utf8') }] };
  const connect = () => Promise.resolve(connection(client));
  const factory = { ...adapter, connect, connectToShadowDb: connect };
  const engine = await engineModule.SchemaEngine.new(
    { datamodels: undefined },
    () => {}, // its log
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  return {
    async drift() {
      const { stdout, exitCode } = await engine.diff({
        from: { tag: 'schemaDatasource', configDir: prismaFolder, ...schema },
        to: { tag: 'schemaDatamodel', ...schema },
        script: false,
        exitCode: true,
        filters,
      });
      return exitCode === 0 ? '' : String(stdout);
    },
    async deploy() {
      const migrationsList = await readMigrations(migrations);
      return (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames;
    },
    async status() {
      const migrationsList = await readMigrations(migrations);
      return engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
    },
  };
}

/** @types/node knows only its types. */
declare const WebAssembly: {
  instantiate(
    binary: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let loading: Promise<void> | undefined;

/** A second instance would get the first one's memory. */
function loadOnce(): Promise<void> {
  loading ??= load();
  return loading;
}

/** The package imports its WebAssembly as a module, for which Node 20 needs a flag. */
async function load(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(binary, {
    './schema_engine_bg.js': { ...engineModule },
  });
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: fail } });
  engineModule.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
}

/** The engine panicked: calls under way never settle, but the message is shown. */
function fail(message: string): never {
  throw new Error(message);
}

const adapter = { provider: 'postgres', adapterName: 'pg' } as const;

/** Replaces `@prisma/adapter-pg`, which refuses the type "char" of the catalog. */
function connection(client: pg.Client): SqlDriverAdapter {
  return {
    ...adapter,
    async queryRaw({ sql, args }) {
      const { fields, rows } = await client.query<unknown[]>({ text: sql, values: args, rowMode: 'array' });
      return {
        columnNames: fields.map(({ name }) => name),
        columnTypes: fields.map(({ dataTypeID }) => columnType(dataTypeID)),
        rows: rows.map((row) => row.map((value) => (value instanceof Date ? value.toISOString() : value))),
      };
    },
    async executeRaw({ sql, args }) {
      return (await client.query(sql, args)).rowCount ?? 0;
    },
    async executeScript(script) {
      await client.query(script);
    },
    startTransaction: () => Promise.reject(new Error('The schema engine must use one session.')),
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  };
}

function columnType(oid: number): ColumnType {
  const type = COLUMN_TYPES.get(oid);
  if (type === undefined) throw new Error(`The schema engine was given a column of type ${oid}.`);
  return type;
}

/** Object ids of the types in the engine's results, from pg_type.dat of PostgreSQL. */
const COLUMN_TYPES: ReadonlyMap<number, ColumnType> = new Map([
  [16, ColumnTypeEnum.Boolean], // bool
  [18, ColumnTypeEnum.Character], // "char"
  [19, ColumnTypeEnum.Text], // name
  [20, ColumnTypeEnum.Int64], // int8
  [21, ColumnTypeEnum.Int32], // int2
  [23, ColumnTypeEnum.Int32], // int4
  [25, ColumnTypeEnum.Text], // text
  [26, ColumnTypeEnum.Int64], // oid
  [1003, ColumnTypeEnum.TextArray], // name[]
  [1009, ColumnTypeEnum.TextArray], // text[]
  [1043, ColumnTypeEnum.Text], // varchar
  [1184, ColumnTypeEnum.DateTime], // timestamptz
]);

async function readMigrations(folder: string): Promise<engineModule.MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (path) => {
        const value = await readFile(join(folder, path, 'migration.sql'), 'utf8');
        return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
      }),
    ),
  };
}
