import { FastifyAdapter } from '@bull-board/fastify';
import { isPermitted } from '../sign-in/permitted-routes.ts';

type Routes = Parameters<FastifyAdapter['setApiRoutes']>[0];

/** Routes what is permitted of Bull Board's API, and nothing else: what is not routed cannot be reached by any trick. */
export class RestrictedAdapter extends FastifyAdapter {
  override setApiRoutes(routes: Routes): FastifyAdapter {
    return super.setApiRoutes(routes.flatMap(permittedPart));
  }
}

/** A route may stand for several methods and paths, of which each is judged by itself. */
function permittedPart(route: Routes[number]): Routes {
  return [route.method].flat().flatMap((method) =>
    [route.route]
      .flat()
      .filter((path) => isPermitted(method.toUpperCase(), path))
      .map((path) => ({ ...route, method, route: path })),
  );
}
