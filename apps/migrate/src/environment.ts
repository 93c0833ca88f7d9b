import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import { z } from 'zod';

/** The migration's variables. */
export const migrateEnvironment = z.object({
  DATABASE_URL: databaseUrlSchema().describe('the database to bring up to date, as the owner of its tables'),
  APP_DATABASE_URL: databaseUrlSchema()
    .optional()
    .describe('the DATABASE_URL of the other processes; its role is created and gets the rights they need'),
});
