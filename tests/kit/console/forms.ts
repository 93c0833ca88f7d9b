import type { Console } from './people.ts';

/** A console's pages as a browser without scripts uses them. */
export function browserOf(app: () => Console, person: () => { readonly cookie: string }) {
  const accept = 'text/html';
  return {
    async get(path: string): Promise<string> {
      const response = await app().inject({ url: `/${path}`, headers: { ...person(), accept } });
      if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`);
      return response.body;
    },

    /** Sends a form that is on a page. @returns the page that the browser shows then */
    async submit(path: string, fields: readonly (readonly [string, string])[], on = path): Promise<string> {
      const response = await app().inject({
        method: 'POST',
        url: `/${path}`,
        headers: {
          ...{ ...person(), accept, host: 'console.test', referer: `http://console.test/${on}` },
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams(fields.map(([name, value]) => [name, value])).toString(),
      });
      return this.follow(response);
    },

    /** Sends a form with a file, or with the text of one. */
    async upload(path: string, name: string, text: string, filename?: string): Promise<string> {
      const boundary = 'a-boundary';
      const file = filename === undefined ? '' : `; filename="${filename}"`;
      const payload = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${text}\r\n--${boundary}--\r\n`;
      const response = await app().inject({
        method: 'POST',
        url: `/${path}`,
        headers: {
          ...{ ...person(), accept, host: 'console.test', referer: `http://console.test/${path}` },
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        payload,
      });
      return this.follow(response);
    },

    async follow(response: Awaited<ReturnType<Console['inject']>>): Promise<string> {
      if (response.statusCode !== 303) return response.body;
      const flash = response.cookies.map(({ name, value }) => `${name}=${value}`);
      const cookie = [person().cookie, ...flash].join('; ');
      const url = String(response.headers.location);
      return (await app().inject({ url, headers: { cookie, accept } })).body;
    },
  };
}

/** A page's text, as somebody reads it. */
export function textOf(page: string): string {
  return page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
