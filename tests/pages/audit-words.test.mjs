// Every act that the hub writes into the audit log has words, so that it can be read and be looked for.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { actionCode, actions, actionWords } from '../../src/pages/assets/audit-words.js';

const SRC = new URL('../../src/', import.meta.url);
// Literals that are written as acts are, and name files and places of what is sealed.
const NO_ACTS = /\.(bin|exe|example|html|ics|jpeg|js|json|jsonl|key|lock|log|new|pid|png|push|rs|sealed|sms|toml|txt|webp|pdf)$/;

function acts() {
  const files = readdirSync(SRC, { recursive: true }).filter((name) => name.endsWith('.rs'));
  const literals = files.flatMap((name) => readFileSync(new URL(name, SRC), 'utf8').match(/"[a-z][A-Za-z]*\.[a-z][A-Za-z]*"/g) ?? []);
  return [...new Set(literals.map((literal) => literal.slice(1, -1)))].filter((literal) => !NO_ACTS.test(literal));
}

test('every act has words, and no words are without an act', () => {
  const named = actions.map(([code]) => code);
  const written = acts();
  assert.ok(written.length > 150, `${written.length}`);
  assert.deepEqual(written.filter((code) => !named.includes(code)), []);
  assert.deepEqual(named.filter((code) => !written.includes(code)), []);
});

test('an act is found by its words, however they are typed', () => {
  assert.equal(actionCode('made an appointment'), 'appointment.made');
  assert.equal(actionCode('some.thing'), 'some.thing');
  assert.equal(actionWords('form.fileAdded'), 'Added a file to a form');
});
