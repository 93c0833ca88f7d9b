/** A browser without scripts: it keeps cookies by origin and follows redirects. */
export interface Browser {
  get(url: string): Promise<Seen>;
  post(url: string, form: Readonly<Record<string, string>>): Promise<Seen>;
}

export interface Seen {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

const MOST_REDIRECTS = 20;

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();

  async function ask(url: string, init: RequestInit): Promise<Seen> {
    let next: { url: string; init: RequestInit } = { url, init };
    for (let n = 0; n < MOST_REDIRECTS; n += 1) {
      const { host, origin } = new URL(next.url);
      const jar = jars.get(host) ?? new Map<string, string>();
      jars.set(host, jar);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(next.url, {
        ...next.init,
        redirect: 'manual',
        headers: { ...next.init.headers, cookie, accept: 'text/html', origin },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      const location = response.headers.get('location');
      const body = await response.text();
      if (location === null) return { url: next.url, status: response.status, body };
      next = { url: new URL(location, next.url).href, init: {} };
    }
    throw new Error('There were too many redirects.');
  }

  return {
    get: (url) => ask(url, {}),
    post: (url, form) =>
      ask(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
  };
}
