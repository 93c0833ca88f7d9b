import { existsSync } from 'node:fs';
import { databaseUrlSchema } from '@live-feed/database/connection/connection-string';
import { grantAppRole } from '@live-feed/database/schema/app-role';
import { migrate } from '@live-feed/database/schema/migrate';
import { EnvironmentError, EXIT_CONFIGURATION, readEnvironment } from '@live-feed/runtime/environment';
import { z } from 'zod';

// `npm run migrate`: brings the tables of the database in DATABASE_URL up to date, which may stand in a file .env of the working folder. It may be run
// again, and beside another.
const environment = z.object({
  DATABASE_URL: databaseUrlSchema().describe('the database to bring up to date'),
  APP_DATABASE_URL: databaseUrlSchema()
    .optional()
    .describe('what the other processes connect with; its role is made, and given what they need'),
});

// What is in the environment already counts.
if (existsSync('.env')) process.loadEnvFile('.env');

try {
  const { DATABASE_URL, APP_DATABASE_URL } = readEnvironment(environment, process.env);
  const { applied } = await migrate(DATABASE_URL);
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  if (APP_DATABASE_URL !== undefined) {
    console.log(
      `The role ${await grantAppRole(DATABASE_URL, APP_DATABASE_URL)} may read and write rows, and nothing else.`,
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof EnvironmentError ? EXIT_CONFIGURATION : 1;
}
