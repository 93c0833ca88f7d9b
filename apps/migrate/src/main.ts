import { existsSync } from 'node:fs';
import { grantAppRole } from '@live-feed/database/schema/app-role';
import { migrate } from '@live-feed/database/schema/migrate';
import {
  EnvironmentError,
  EXIT_CONFIGURATION,
  readEnvironment,
} from '@live-feed/runtime/configuration/environment';
import { migrateEnvironment } from './environment.ts';

// `npm run migrate`: brings the database of DATABASE_URL up to date. Running it again changes nothing; several at once run one by one.

// Variables that the environment lacks are read from .env in the working folder.
if (existsSync('.env')) process.loadEnvFile('.env');

try {
  const { DATABASE_URL, APP_DATABASE_URL } = readEnvironment(migrateEnvironment, process.env);
  const { applied } = await migrate(DATABASE_URL);
  say(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  if (APP_DATABASE_URL !== undefined) {
    say(
      `The role ${await grantAppRole(DATABASE_URL, APP_DATABASE_URL)} may read and write rows and do nothing else.`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof EnvironmentError ? EXIT_CONFIGURATION : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
