import { expect, test } from 'vitest';
import { checkBox, selectField, textArea, textField } from './form.ts';
import { html, renderPart } from './html.ts';
import { refill } from './refused-form.ts';

const page = html`
  <p>Before</p>
  <form method="post" action="sign-out"><button>Out</button></form>
  <details>
    <summary>Change</summary>
    <form method="post" action="keys/7">
      <input type="hidden" name="to" value="on" />
      ${textField({ name: 'label', label: 'Label', value: 'was', hint: 'short' })}
      ${textField({ name: 'rate', label: 'Rate' })}
      ${textField({ name: 'password', label: 'Password', type: 'password' })}
      ${textArea({ name: 'headers', label: 'Headers', secret: true })}
      ${textArea({ name: 'note', label: 'Note' })}
      ${selectField({
        name: 'type',
        label: 'Type',
        value: 'a',
        options: ['a', 'b'].map((value) => ({ value, text: value })),
      })}
      ${checkBox({ name: 'dry', label: 'Dry', checked: true })}
      ${checkBox({ name: 'list', id: 'list-x', label: 'x', value: 'x' })}
      ${checkBox({ name: 'list', id: 'list-y', label: 'y', value: 'y' })}
    </form>
  </details>
`;
const sent = {
  ...{
    to: 'on',
    label: '<new',
    rate: 'fast',
    password: 'hunter2',
    headers: 'token: secret',
    note: 'two\nlines',
  },
  ...{ type: 'b', list: ['y'] },
};
const refused = { action: 'keys/7', sent, problems: [{ member: 'rate.unit', message: 'Expected 10/s.' }] };

const shown = () => renderPart(refill(page, refused, 'keys?a=b'));

test('a refused form has what was typed, and what is wrong beside the field', () => {
  const text = shown();
  expect(text).toContain('value="&lt;new"');
  expect(text).toMatch(/<textarea id="note"[^>]*>two\nlines<\/textarea>/);
  expect(text).toMatch(/<option value="b" selected>/);
  expect(text).not.toMatch(/<option value="a" selected/);
  expect(text).toMatch(/<input id="dry" name="dry" type="checkbox" value="true"\/>/);
  expect(text).toMatch(/<input id="list-y"[^>]* checked/);
  expect(text).not.toMatch(/<input id="list-x"[^>]* checked/);
  expect(text).toMatch(
    /<input id="rate"[^>]*value="fast"[^>]*aria-describedby="rate-error" aria-invalid="true"/,
  );
  expect(text).toContain('<small id="rate-error" class="error">Expected 10/s.</small>');
  expect(text).toMatch(/<input id="label"[^>]*aria-describedby="label-hint"/);
  expect(text).toContain('<details open>');
});

test('but no secret, and each form says which page it is on', () => {
  const text = shown();
  expect(text).not.toMatch(/hunter2|token: secret/);
  expect(text.match(/name="form-page" value="keys\?a=b"/g)).toHaveLength(2);
});

test('a form elsewhere, of something else, or with nothing but buttons, is none', () => {
  expect(refill(page, { ...refused, action: 'keys/8' }, '')).toBeUndefined();
  expect(refill(page, { ...refused, sent: { ...sent, to: 'off' } }, '')).toBeUndefined();
  expect(refill(page, { ...refused, action: 'sign-out' }, '')).toBeUndefined();
});

test('of several buttons of a form, each goes to its own address', () => {
  const form = html`
    <form method="post">
      ${textField({ name: 'cap', label: 'Cap' })}
      <button formaction="numbers/cap">Cap</button><button formaction="numbers/flag">Flag</button>
    </form>
  `;
  const problems = [{ member: 'cap', message: 'Too large.' }];
  expect(renderPart(refill(form, { action: 'numbers/cap', sent: { cap: '9' }, problems }, ''))).toContain(
    'Too large.',
  );
});
