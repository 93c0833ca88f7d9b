import { port, text, url } from '@live-feed/runtime/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';
import { MIN_PASSWORD_LENGTH } from './credentials.ts';

/** What the dashboard is configured with. */
export const dashboardEnvironment = z.object({
  ...processVariables,
  DATABASE_URL: url(['postgresql', 'postgres']).describe('where the dialers are listed'),
  REDIS_URL: url(['redis', 'rediss']).describe('where the queues are'),
  DASHBOARD_PORT: port().default(3001).describe('where to listen; 0 takes any free port'),
  DASHBOARD_HOST: text().default('127.0.0.1').describe('the address to listen on'),
  DASHBOARD_USER: text()
    .refine((user) => !user.includes(':'), { error: 'must not contain a colon' })
    .default('ops')
    .describe('who may look'),
  DASHBOARD_PASSWORD: text()
    .refine((password) => password.length >= MIN_PASSWORD_LENGTH, {
      error: `must be a text of at least ${MIN_PASSWORD_LENGTH} characters`,
    })
    .describe('with which password'),
});
