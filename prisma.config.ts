import { defineConfig } from 'prisma/config';

// Only `prisma generate` and, for those who prefer it to `npm run migrate`, `prisma migrate deploy` read this file.
const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
