import { type Role, reaches } from '@live-feed/core/directory/role';
import type { FastifyInstance } from 'fastify';

/** Who may use a route. */
export type Access =
  /** Also people who are not signed in. */
  | 'anybody'
  /** Programs with a key of the admin API, which checks it itself; no session counts. */
  | 'by-key'
  | {
      /** The least role. */
      readonly role: Role;
      /** Whether people of one company may, too. Then what is behind the route shows them no other. */
      readonly ofOneCompany: boolean;
    };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has one. */
    access?: Access;
  }
}

export const ANYBODY: Access = 'anybody';

export const BY_KEY: Access = 'by-key';

/** For a route whose operations keep people of one company to it. */
export function from(role: Role): Access {
  return { role, ofOneCompany: true };
}

/** For a route that shows all companies. */
export function ofAllCompanies(role: Role): Access {
  return { role, ofOneCompany: false };
}

export interface Person {
  readonly role: Role;
  /** Null: all. */
  readonly companyId: string | null;
}

export function mayUse(access: Access, { role, companyId }: Person): boolean {
  if (access === 'anybody') return true;
  if (access === 'by-key') return false;
  return reaches(role, access.role) && (access.ofOneCompany || companyId === null);
}

/** The access to every route, by method and path, such as `GET /leads/:id`. Complete once the app is ready. */
export type AccessTable = ReadonlyMap<string, Access>;

/**
 * Records the access of every route that is registered from now on.
 *
 * @throws Error when the app becomes ready, if a route has none
 */
export function recordAccess(app: FastifyInstance): AccessTable {
  const routes: {
    readonly method: string | string[];
    readonly url: string;
    readonly config?: { access?: Access };
  }[] = [];
  const table = new Map<string, Access>();
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes) {
      for (const one of [method].flat()) {
        if (config?.access === undefined)
          throw new Error(`The route ${one} ${url} does not say who may use it.`);
        table.set(`${one} ${url}`, config.access);
      }
    }
  });
  return table;
}

/** Methods that change nothing (RFC 9110 §9.2.1), as far as the console serves them. */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
