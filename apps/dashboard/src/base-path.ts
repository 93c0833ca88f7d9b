/** The path under which browsers see the dashboard, with slashes around it. */
export function basePathOf(publicUrl: string | undefined): string {
  if (publicUrl === undefined) return '/';
  const { pathname } = new URL(publicUrl);
  return pathname.endsWith('/') ? pathname : `${pathname}/`;
}

/** Some proxies pass the path on as the browser sent it, others take the prefix away: either is served. */
export function withoutBasePath(url: string, basePath: string): string {
  if (url.startsWith(basePath)) return `/${url.slice(basePath.length)}`;
  const [path] = url.split('?', 1);
  return `${path}/` === basePath ? `/${url.slice(basePath.length - 1)}` : url;
}
