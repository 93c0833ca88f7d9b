import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPhone, maskPhone, normalisePhone } from './phone.ts';

describe('normalisePhone', () => {
  it.each([
    '5551234567',
    '(555) 123-4567',
    '555.123.4567',
    '+1 555 123 4567',
    '+15551234567',
    '+1 (555) 123-4567',
    '1-555-123-4567',
    '15551234567',
    '  5551234567\n',
    '\u00a05551234567\ufeff',
    '\uff0b15551234567',
    'tel:555-123-4567',
    'Jane 555 123 4567 (mobile)',
    '555\u2013123\u20134567',
  ])('reads %j as 5551234567', (input) => {
    expect(normalisePhone(input)).toEqual({ ok: true, phone: '5551234567' });
  });

  it.each([
    ['11 digits, not led by 1', '25551234567', /10 digits/],
    ['nine digits', '555123456', /10 digits/],
    ['twelve digits', '555123456789', /10 digits/],
    ['+1 and nine digits', '+1 555123456', /9 were read/],
    ['empty', '', /10 digits/],
    ['blank', '   ', /10 digits/],
    ['null', null, /must be a string/],
    ['undefined', undefined, /must be a string/],
    ['a JSON number', 5551234567, /must be a string/],
    ['a list of one phone', ['5551234567'], /must be a string/],
    ['ext with a space', '4155552671 ext 89', /no extension/],
    ['ext with a stop', '4155552671 Ext. 89', /no extension/],
    ['extension written out', '4155552671 extension 89', /no extension/],
    ['x without a space', '4155552671x9', /no extension/],
    ['an extension that makes it ten digits', '415555267 x1', /no extension/],
    ['a hash', '4155552671#89', /no extension/],
    ['a hash before ten digits', '#4155552671', /no extension/],
    ['a semicolon', '4155552671;89', /no extension/],
    ['RFC 3966 extension', '4155552671;ext=89', /no extension/],
    ['two phones', '2125551234|2125559999', /10 digits/],
    ['letters for digits', '1-800-FLOWERS', /10 digits/],
    ['Arabic-Indic digits', '\u0665\u0665\u0665\u0661\u0662\u0663\u0664\u0665\u0666\u0667', /0 to 9/],
    ['full-width digits', '\uff15\uff15\uff15\uff11\uff12\uff13\uff14\uff15\uff16\uff17', /0 to 9/],
    ['one full-width digit too many', '5551234567\uff10', /0 to 9/],
    ['a superscript digit', '5551234567\u00b2', /0 to 9/],
    ['a country code other than 1', '+442071838750', /followed by 1/],
    ['an international prefix', '0112125551234', /10 digits/],
    ['a plus without the 1', '+2125551234', /followed by 1/],
    ['a full-width plus without the 1', '\uff0b2125551234', /followed by 1/],
    ['a plus and a space', '+ 15551234567', /followed by 1/],
    ['a plus that is not first', '1+5551234567', /followed by 1/],
    ['a plus in brackets', '(+1) 5551234567', /followed by 1/],
    ['two pluses', '+1+5551234567', /followed by 1/],
    ['a plus at the end', '5551234567+', /followed by 1/],
    ['an area code led by 0', '0234567890', /must begin with/],
    ['an area code led by 1', '1234567890', /must begin with/],
    ['11 digits, area code led by 1', '11234567890', /must begin with/],
  ])('refuses %s', (_name, input, reason) => {
    expect(normalisePhone(input)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('never repeats the number and always ends in a full stop', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+x#;0-9 ]{3,20}$/)), (input) => {
        const reading = normalisePhone(input);
        if (reading.ok) return;
        expect(reading.reason).toMatch(/\.$/);
        const digits = input.replaceAll(/[^0-9]/g, '');
        if (digits.length > 2 && digits !== '5551234567') expect(reading.reason).not.toContain(digits);
      }),
    );
  });

  it('gives a phone or a reason for whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        const reading = normalisePhone(input);
        if (reading.ok) expect(isPhone(reading.phone)).toBe(true);
        else expect(reading.reason.length).toBeGreaterThan(0);
      }),
    );
  });

  it('never drops, adds or reorders a digit, apart from a leading 1', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[-(). /a-z0-9]{8,18}$/), (input) => {
        const reading = normalisePhone(input);
        if (!reading.ok) return;
        expect([reading.phone, `1${reading.phone}`]).toContain(input.replaceAll(/[^0-9]/g, ''));
      }),
    );
  });

  it('reads its own phones, however they are punctuated', () => {
    const phone = fc.stringMatching(/^[2-9][0-9]{9}$/);
    const prefix = fc.constantFrom('', '1', '+1', '+1 ', '1-', ' ');
    const gap = fc.constantFrom('', ' ', '-', '.', ') ', '/');
    fc.assert(
      fc.property(phone, prefix, gap, gap, (digits, before, first, second) => {
        const input = `${before}${digits.slice(0, 3)}${first}${digits.slice(3, 6)}${second}${digits.slice(6)}`;
        expect(normalisePhone(input)).toEqual({ ok: true, phone: digits });
      }),
    );
  });

  it('a megabyte of extension markers is read in linear time', () => {
    for (const marker of ['x', '#', ';', 'ext', '# ', '+']) {
      expect(normalisePhone(marker.repeat(1_000_000 / marker.length)).ok).toBe(false);
    }
  });
});

describe('maskPhone', () => {
  it.each([
    ['5551234567', '********67'],
    ['67', '**********'],
    ['', '**********'],
    ['jane@example.com', '**********'],
  ])('%j is shown as %s', (phone, shown) => {
    expect(maskPhone(phone)).toBe(shown);
  });
});
