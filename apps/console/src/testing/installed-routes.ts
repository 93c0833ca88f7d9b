import { createBullBoard } from '@bull-board/api';
import type { AppControllerRoute, IServerAdapter } from '@bull-board/api/typings/app';

export interface InstalledRoute {
  /** In upper case. */
  readonly method: string;
  readonly path: string;
}

/** Every route of the installed Bull Board's API, permitted or not, for tests that check them all. */
export function installedRoutes(): InstalledRoute[] {
  let routes: readonly AppControllerRoute[] = [];
  const recorder: IServerAdapter = {
    setApiRoutes(given) {
      routes = given;
      return recorder;
    },
    setQueues: () => recorder,
    setViewsPath: () => recorder,
    setStaticPath: () => recorder,
    setEntryRoute: () => recorder,
    setErrorHandler: () => recorder,
    setUIConfig: () => recorder,
  };
  createBullBoard({ queues: [], serverAdapter: recorder });
  return routes.flatMap(({ method, route }) =>
    [method].flat().flatMap((one) => [route].flat().map((path) => ({ method: one.toUpperCase(), path }))),
  );
}
