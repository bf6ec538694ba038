// Amounts as people type them: what is taken is what was meant, or nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decimal, digits, minor, money } from '../../src/pages/assets/money.js';

test('an amount is read as it was meant, with a point or a comma before the cents', () => {
  const typed = {
    '0': 0, '5': 500, '12.5': 1250, '12.50': 1250, '12.': 1200, ' 12.50 ': 1250, '1234.50': 123450, '1,234': 123400, '1,234.50': 123450, '1,234,567.89': 123456789,
    '12,5': 1250, '12,50': 1250, '1234,50': 123450, '1.234,50': 123450, '1.234.567,89': 123456789, '0,05': 5, '12,500': 1250000,
  };
  for (const [text, cents] of Object.entries(typed)) assert.equal(minor(text, 'USD'), cents, text);
});

test('what is no amount or could be two is none', () => {
  for (const text of ['', ' ', 'x', '-1', '1e3', '12.345', '1.234', '0,500', '1,23,456', '1.23,50', '1,234,50', '12,50,00', '1.234.50', '$5', '1 234', '1234567890', ',50', '.50']) {
    assert.equal(minor(text, 'USD'), null, text);
  }
});

test('a currency without cents takes none', () => {
  assert.equal(minor('1,234', 'JPY'), 1234);
  assert.equal(minor('12,50', 'JPY'), null);
  assert.equal(minor('12.5', 'JPY'), null);
  assert.equal(decimal(1234, 'JPY'), '1234');
});

test('a browser counts every currency that the hub takes as the hub does', () => {
  const hub = readFileSync(new URL('../../src/billing/money.rs', import.meta.url), 'utf8');
  for (const [list, expected] of [['HUNDREDTHS', 2], ['WHOLE', 0]]) {
    const codes = new RegExp(`const ${list}: [^=]+= \\[([^\\]]+)\\]`).exec(hub)[1].match(/[A-Z]{3}/g);
    assert.ok(codes.length > 1);
    for (const code of codes) assert.equal(digits(code), expected, code);
  }
  assert.equal(money(123450, 'USD'), '$1,234.50');
});
