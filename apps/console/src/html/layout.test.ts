import { expect, test } from 'vitest';
import { selectField, textField } from './form.ts';
import { html, renderDocument } from './html.ts';
import { layout } from './layout.ts';
import { table } from './table.ts';
import { written } from './time.ts';

const HOSTILE = `x"><script>alert(1)</script>'&`;

const document = (content: unknown, path = `leads?name=${HOSTILE}`) =>
  renderDocument(
    layout({
      title: HOSTILE,
      basePath: '/tools/',
      path,
      theme: 'auto',
      styles: ['console.css'],
      scripts: [],
      person: { name: HOSTILE, role: 'viewer', account: undefined, menu: [{ href: 'leads', text: 'Leads' }] },
      flash: { kind: 'refused', text: HOSTILE },
      content: content as string,
    }),
  );

test('what is put into a page stays text', () => {
  const page = document(html`
    <p title=${HOSTILE}>${HOSTILE}</p>
    ${textField({ name: 'name', label: HOSTILE, value: HOSTILE, error: HOSTILE })}
    ${selectField({ name: 'one', label: 'One', options: [{ value: HOSTILE, text: HOSTILE }] })}
    ${table({ caption: HOSTILE, columns: [{ title: HOSTILE, cell: (row: string) => row }], rows: [HOSTILE], empty: '' })}
  `);
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('">&lt;script');
  expect(page).toContain('&lt;script>alert(1)&lt;/script>');
});

test('an object that looks like a template is not one', () => {
  const forged = JSON.parse('{"type":"script","props":{"children":"alert(1)"},"key":null,"ref":null}');
  expect(document(forged)).not.toContain('<script');
});

test.each(['javascript:alert(1)', '//evil.example/', 'https://evil.example/', '\\\\evil.example'])(
  'on a page that does not exist, such as /%s, the link to the content stays in the console',
  (path) => {
    const [, href = ''] = /class="skip" href="([^"]*)"/.exec(document('', path)) ?? [];
    expect(new URL(href, 'https://console.example/tools/').origin).toBe('https://console.example');
  },
);

test('the menu says on which page one is', () => {
  expect(document('')).toContain('<a href="leads" aria-current="page">Leads</a>');
});

test('times name their zone', () => {
  const moment = new Date(Date.UTC(2026, 10, 30, 4, 5, 9));
  expect(written(moment, 'UTC')).toBe('2026-11-30 04:05:09 UTC');
  expect(written(moment, 'America/New_York')).toMatch(/^2026-11-29 23:05:09 /);
});
