// What of a form is asked: the hub goes over the same cases (src/forms/condition.rs).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asked } from '../../src/pages/assets/form-asked.js';

const forms = JSON.parse(readFileSync(new URL('asked-cases.json', import.meta.url)));

for (const { what, fields, cases } of forms) {
  test(`${what}, as the hub says`, () => {
    for (const { answers, asked: expected } of cases) {
      assert.deepEqual([...asked({ fields }, answers)], expected, JSON.stringify(answers));
    }
  });
}
