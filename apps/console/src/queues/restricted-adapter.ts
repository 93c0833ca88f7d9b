import { FastifyAdapter } from '@bull-board/fastify';
import { isPermitted } from './permitted-routes.ts';

type Routes = Parameters<FastifyAdapter['setApiRoutes']>[0];
type EntryRoute = Parameters<FastifyAdapter['setEntryRoute']>[0];

/** It asks for a history that nobody keeps; nothing leads to it. */
const NO_PAGES = ['/metrics-history'];

/** Registers only the permitted routes of Bull Board's API. A route that is not registered cannot be reached by any trick. */
export class RestrictedAdapter extends FastifyAdapter {
  override setApiRoutes(routes: Routes): FastifyAdapter {
    return super.setApiRoutes(routes.flatMap(permittedPart));
  }

  override setEntryRoute(entry: EntryRoute): FastifyAdapter {
    const route = [entry.route].flat().filter((path) => !NO_PAGES.includes(path));
    return super.setEntryRoute({ ...entry, route });
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
