import { FastifyAdapter } from '@bull-board/fastify';
import { isPermitted } from './permitted-routes.ts';

type Routes = Parameters<FastifyAdapter['setApiRoutes']>[0];
type EntryRoute = Parameters<FastifyAdapter['setEntryRoute']>[0];
type ErrorHandler = Parameters<FastifyAdapter['setErrorHandler']>[0];

/** What people are told of an error, with its status. */
export type Told = (error: Error) => { readonly status: number; readonly message: string };

/** It asks for a history that nobody keeps; nothing leads to it. */
const NO_PAGES = ['/metrics-history'];

/** Registers only the permitted routes of Bull Board's API. A route that is not registered cannot be reached by any trick. */
export class RestrictedAdapter extends FastifyAdapter {
  readonly #told: Told;

  constructor(told: Told) {
    super();
    this.#told = told;
  }

  override setApiRoutes(routes: Routes): FastifyAdapter {
    return super.setApiRoutes(routes.flatMap(permittedPart));
  }

  override setEntryRoute(entry: EntryRoute): FastifyAdapter {
    const route = [entry.route].flat().filter((path) => !NO_PAGES.includes(path));
    return super.setEntryRoute({ ...entry, route });
  }

  /** Of errors that nobody foresaw nothing is told, nor where the database is: Bull Board would tell their messages. */
  override setErrorHandler(handler: ErrorHandler): this {
    return super.setErrorHandler((error) => {
      const { status, message } = this.#told(error);
      // Bull Board's own answers have few statuses, and its types name no others.
      return status < 500 ? handler(error) : { status: status as 500, body: { message } };
    });
  }
}

/** A route may have several methods and paths; each is checked by itself. */
function permittedPart(route: Routes[number]): Routes {
  return [route.method].flat().flatMap((method) =>
    [route.route]
      .flat()
      .filter((path) => isPermitted(method.toUpperCase(), path))
      .map((path) => ({ ...route, method, route: path })),
  );
}
