const LINES = 'application/x-ndjson';
const ONE_DOCUMENT = 'application/json';

/** @param accept the request's `Accept` (RFC 9110, section 12.5.1) @returns whether results are sent as lines: only if they are asked for by name */
export function prefersLines(accept: string | undefined): boolean {
  const lines = qualityOf(LINES, accept ?? '');
  return lines > 0 && lines >= qualityOf(ONE_DOCUMENT, accept ?? '');
}

/** From 0, not wanted, to 1. */
function qualityOf(type: string, accept: string): number {
  for (const range of accept.split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2));
  }
  return 0;
}
