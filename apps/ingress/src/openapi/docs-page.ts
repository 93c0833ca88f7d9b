import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const DOCS = '/docs';

const OWN = fileURLToPath(new URL('page', import.meta.url));
/** Swagger UI itself, without the package's own page: that one has inline styles and does not fit on a phone. */
const SWAGGER_UI = join(
  dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')),
  'static',
);

const FILES: Readonly<Record<string, string>> = {
  'page.css': OWN,
  'page.js': OWN,
  'icon.svg': OWN,
  'swagger-ui.css': SWAGGER_UI,
  'swagger-ui-bundle.js': SWAGGER_UI,
};

/** Everything comes from here, and requests that are tried go here: the caller's key is on this page. Swagger UI has images in its styles. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The API's document as a page, at `/docs`, on which requests can be tried. All its links are relative: a proxy may add a path prefix. */
export async function docsPage(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: OWN, serve: false });
  app.get(DOCS, async (_request, reply) => reply.redirect('docs/'));
  app.get(`${DOCS}/`, (_request, reply) => reply.headers(HEADERS).sendFile('index.html', OWN));
  for (const [name, folder] of Object.entries(FILES)) {
    app.get(`${DOCS}/${name}`, (_request, reply) => reply.headers(HEADERS).sendFile(name, folder));
  }
}
