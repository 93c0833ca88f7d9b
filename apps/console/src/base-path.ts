/** The path under which browsers see the console, with slashes around it. */
export function basePathOf(publicUrl: string | undefined): string {
  if (publicUrl === undefined) return '/';
  const { pathname } = new URL(publicUrl);
  return pathname.endsWith('/') ? pathname : `${pathname}/`;
}

/** Removes the base path. Some proxies keep it, others have removed it already: both work. */
export function withoutBasePath(url: string, basePath: string): string {
  if (url.startsWith(basePath)) return `/${url.slice(basePath.length)}`;
  const [path] = url.split('?', 1);
  return `${path}/` === basePath ? `/${url.slice(basePath.length - 1)}` : url;
}
