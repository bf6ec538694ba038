// Owns: what a form's fields mean as JSON, and errors next to the fields they are about. A field's name is its path
// in the JSON (`address.city`). It never calls anything, and never changes what was typed but for spaces around it.

import { h } from './dom.js';
import { reason } from './either.js';

/** The named fields that a call is about. */
const named = (form) => [...form.elements].filter(({ name, dataset }) => name && dataset.sent !== 'no');

/** What is filled in. An empty field is left out; with `data-empty="null"` it is null. */
export function values(form) {
  const found = {};
  for (const field of named(form)) {
    if (field.disabled || (field.type === 'radio' && !field.checked)) continue;
    const value = valueOf(field);
    if (value !== undefined) put(found, field.name.split('.'), value);
  }
  return found;
}

function valueOf(field) {
  const { type, value, checked, dataset } = field;
  if (type === 'checkbox') return dataset.is ? (checked ? dataset.is : undefined) : checked;
  // A password is taken to the letter.
  const text = type === 'password' || dataset.secret ? value : value.trim();
  if (text === '') return dataset.empty === 'null' ? null : dataset.empty === 'text' ? '' : undefined;
  return type === 'number' || dataset.number ? Number(text) : text;
}

function put(into, [first, ...rest], value) {
  if (rest.length === 0) into[first] = value;
  else put((into[first] ??= {}), rest, value);
}

/** Puts what a call answered into the fields. */
export function fillIn(form, data) {
  for (const field of named(form)) {
    const value = field.name.split('.').reduce((part, name) => part?.[name], data);
    if (value === undefined) continue;
    if (field.type === 'checkbox') field.checked = Boolean(value);
    else if (field.type === 'radio') field.checked = field.value === String(value);
    else field.value = value ?? '';
  }
}

/** Says what the browser finds wrong next to each field; true when there is nothing. */
export function check(form) {
  const wrong = named(form).concat([...form.elements].filter(({ name, dataset }) => name && dataset.sent === 'no'))
    .filter((field) => field.willValidate && !field.validity.valid);
  wrong.forEach((field) => mark(field, field.dataset.hintInvalid ?? field.validationMessage));
  wrong[0]?.focus();
  return wrong.length === 0;
}

/** Shows a refusal where it belongs, in the reader's language; gives the messages that belong to no field. */
export function showErrors(form, errors) {
  const left = [];
  let first = null;
  for (const { pointer, ...refused } of errors) {
    const message = reason(refused);
    const field = fieldAt(form, pointer);
    if (!field) left.push(reason({ message }));
    else first ??= mark(field, reason({ message }));
  }
  first?.focus();
  return left;
}

function fieldAt(form, pointer) {
  const name = pointer.slice(1).replaceAll('/', '.');
  return [...form.elements].find((field) => field.name === name && field.type !== 'hidden') ?? null;
}

function mark(field, message) {
  unmark(field);
  const words = h('span', { class: 'field-error', id: `error-${++errorCount}` }, message);
  const described = field.getAttribute('aria-describedby');
  field.setAttribute('aria-invalid', 'true');
  field.dataset.described = described ?? '';
  field.setAttribute('aria-describedby', [words.id, described].filter(Boolean).join(' '));
  (field.closest('.with-reveal') ?? field).after(words);
  return field;
}

let errorCount = 0;

/** The person is putting it right. */
export function unmark(field) {
  if (field.getAttribute?.('aria-invalid') !== 'true') return;
  (field.closest('.with-reveal') ?? field).parentElement.querySelector('.field-error')?.remove();
  field.removeAttribute('aria-invalid');
  if (field.dataset.described) field.setAttribute('aria-describedby', field.dataset.described);
  else field.removeAttribute('aria-describedby');
}
