import { mkdir } from 'node:fs/promises';
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

/** A real browser for the tests of a file. A page with an error in its console, a violated policy or a failed request fails its test. */
export function useBrowser() {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: await chromiumBinary(process.env, (line) => process.stderr.write(`${line}\n`)),
      // It loads only our own pages; its sandbox does not start for root.
      args: ['--no-sandbox'],
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
      onTestFinished(async () => {
        await context.close();
        expect(problems).toEqual([]);
      });
      return page;
    },
  };
}

function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left ends its stream.
    const isLeft = request.failure()?.errorText === 'net::ERR_ABORTED' && request.url().includes('/stream');
    if (!isLeft) problems.push(`${request.failure()?.errorText} ${request.url()}`);
  });
  return problems;
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

/** For docs/console.md, if pictures are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: false });
}
