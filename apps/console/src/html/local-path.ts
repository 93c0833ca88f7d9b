/** Stands for the console while an address is taken apart. */
const HERE = 'http://console.invalid/';

/**
 * A path that came with a request, to which the browser is to be sent.
 *
 * @returns it, relative to the console; empty, which is the first page, if it leads anywhere else
 */
export function localPath(given: unknown): string {
  if (typeof given !== 'string' || given.startsWith('/') || !URL.canParse(given, HERE)) return '';
  const { origin, pathname, search } = new URL(given, HERE);
  if (origin !== new URL(HERE).origin || pathname.startsWith('//')) return '';
  return `${pathname}${search}`.slice(1);
}
