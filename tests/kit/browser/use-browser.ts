import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { chromiumBinary } from '@live-feed/tools/services/chromium-binary';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

export interface Look {
  /** CSS pixels; 1,280 by default. */
  readonly width?: number;
  readonly dark?: boolean;
  readonly withoutScripts?: boolean;
}

/** `npm run test:browser` with SCREENSHOTS=1 writes the pictures of docs/console.md. */
const PICTURES = join(cloneDir, 'docs/images/console');
/** Percent; text is still sharp. */
const QUALITY = 50;

export interface BrowserOptions {
  /** Addresses by name, for names that nobody else knows. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** A real browser for the tests of a file. A page with an error in its console, a violated policy or a failed request fails its test. */
export function useBrowser({ hosts = {} }: BrowserOptions = {}) {
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: await chromiumBinary(process.env, (line) => process.stderr.write(`${line}\n`)),
      // It loads only our own pages; its sandbox does not start for root.
      args: ['--no-sandbox', `--host-resolver-rules=${rules.join(', ')}`],
    });
  });
  afterAll(() => browser?.close());

  return {
    async open({ width = 1_280, dark = false, withoutScripts = false }: Look = {}): Promise<Page> {
      const options: BrowserContextOptions = {
        ...{ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' },
        ...{ javaScriptEnabled: !withoutScripts, locale: 'en-US', timezoneId: 'UTC' },
      };
      const context = await browser?.newContext(options);
      if (context === undefined) throw new Error('The browser is there from beforeAll on.');
      const page = await context.newPage();
      const problems = problemsOf(page);
      await reportViolations(page, problems);
      onTestFinished(async () => {
        await context.close();
        expect(problems).toEqual([]);
      });
      return page;
    },
  };
}

/** Bull Board loads the colours of code ahead, which not every page shows. */
const UNUSED = 'was preloaded using link preload but not used';

function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    const isExpected = message.text().includes(UNUSED) || message.text().includes('status of 422');
    if (['error', 'warning'].includes(message.type()) && !isExpected)
      problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('response', (response) => {
    // A form that is refused comes back with this status; the browser tells of it as of a failure.
    const isForm = response.status() === 422 && response.request().method() === 'POST';
    if (response.status() >= 400 && !isForm) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left ends its stream and what it still loads; what goes to a file is no page.
    const errorText = request.failure()?.errorText;
    if (errorText !== 'net::ERR_ABORTED') problems.push(`${errorText} ${request.url()}`);
  });
  return problems;
}

/** What the pages' policies forbid: also what the browser says of it to the page alone. */
async function reportViolations(page: Page, problems: string[]): Promise<void> {
  await page.exposeFunction('reportViolation', (violation: string) => void problems.push(violation));
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    reportViolation('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));`);
}

/** What axe-core finds that keeps somebody from using the page: a sentence each. It runs outside of the page's policy. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')})`,
    );
}

/** Whether the page is wider than the window, so that one would have to scroll sideways. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
}

/**
 * What somebody who has no mouse cannot reach with the Tab key, or could not see that they have reached. It goes once around.
 *
 * @returns a sentence for each control
 */
export async function unreachable(page: Page): Promise<string[]> {
  const controls = (await page.evaluate(WATCH_FOCUS)) as number;
  // Fields for a date and a time take several: one for each part.
  for (let tabs = 0; tabs < controls * 3 + 20; tabs += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('window.focusWatch.isAround()')) === true) break;
  }
  return (await page.evaluate('window.focusWatch.missing()')) as string[];
}

const WATCH_FOCUS = `(() => {
  const selector = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const isThere = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.tabIndex >= 0;
  const isOfGroup = (each) => each.type === 'radio';
  const controls = [...document.querySelectorAll(selector)].filter((each) => isThere(each) && !isOfGroup(each));
  const seen = new Set();
  const unmarked = new Set();
  let first;
  let times = 0;
  document.addEventListener('focusin', ({ target }) => {
    first ??= target;
    if (target === first) times += 1;
    seen.add(target);
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
    if ((outlineStyle === 'none' || parseFloat(outlineWidth) === 0) && boxShadow === 'none') unmarked.add(target);
  });
  document.activeElement?.blur();
  window.focusWatch = {
    isAround: () => times > 1,
    missing: () => [
      ...controls.filter((each) => !seen.has(each)).map((each) => 'is not reached: ' + each.outerHTML.slice(0, 160)),
      ...[...unmarked].map((each) => 'shows no focus: ' + each.outerHTML.slice(0, 160)),
    ],
  };
  return controls.length;
})()`;

/** For docs/console.md, if pictures are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  await mkdir(PICTURES, { recursive: true });
  // Playwright knows no WebP, which is a fourth of the size.
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await writeFile(join(PICTURES, `${name}.webp`), Buffer.from(data, 'base64'));
}
