import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { ANYBODY } from '../sign-in/access.ts';

/** The pages' styles and scripts: ours, and those of packages. Read once, served from memory. */
const FILES = {
  'console.css': { from: './console.css', type: 'text/css' },
  'queues.css': { from: './queues.css', type: 'text/css' },
  'overview.css': { from: './overview.css', type: 'text/css' },
  'copy.js': { from: './copy.js', type: 'text/javascript' },
  'uplot.css': { from: 'uplot/dist/uPlot.min.css', type: 'text/css' },
  // One file: htmx begins with the page as soon as it is there, without the extensions that arrive after it.
  'htmx.js': {
    from: ['htmx.org/dist/htmx.min.js', 'htmx.org/dist/ext/hx-sse.min.js'],
    type: 'text/javascript',
  },
  'overview.js': { from: './overview.js', type: 'text/javascript' },
  'uplot.js': { from: 'uplot/dist/uPlot.iife.min.js', type: 'text/javascript' },
} as const;

export type AssetName = keyof typeof FILES;

export interface Assets {
  /** Relative to the console, with a part that changes with the content, so that browsers may keep it for ever. */
  href(name: AssetName): string;
}

/** Anybody may load them: the sign-in page needs them, and they tell nothing. */
export function serveAssets(app: FastifyInstance): Assets {
  const require = createRequire(import.meta.url);
  const hrefs = new Map<string, string>();
  for (const [name, { from, type }] of Object.entries(FILES)) {
    const content = [from]
      .flat()
      .map((each) => readFileSync(require.resolve(each), 'utf8'))
      .join('\n');
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
    const href = `assets/${digest}-${name}`;
    hrefs.set(name, href);
    app.get(`/${href}`, { config: { access: ANYBODY } }, (_request, reply) =>
      reply
        .header('content-type', `${type}; charset=utf-8`)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(content),
    );
  }
  return { href: (name) => hrefs.get(name) ?? `assets/${name}` };
}
