// Owns: one field of a form as something to fill in: its question, its control, and the words beside it when it is
// refused or was answered differently in another window. Everything a practice wrote becomes text. It never calls anything.

import './attachments.js';
import { button, fill, h } from './dom.js';
import { either } from './either.js';
import { signaturePad } from './signature-pad.js';

/** Longer lists are opened to choose from. */
const MOST_RADIOS = 8;
const MOST_STEPS = 20;

/** `field` as the form has it; `change(answer)` hears every change; `files` says where files go, and which are there. */
export function formField(field, { change, prefix = 'q', files = null }) {
  const id = `${prefix}-${field.key}`;
  if (field.type === 'section') return section(field, id);
  const control = CONTROLS[field.type](field, id, change, files);
  const help = field.help && h('p', { class: 'hint', id: `${id}-help` }, field.help);
  const error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
  const other = h('div', { class: 'other-answer', hidden: true });
  const question = [h('bdi', {}, field.label), !field.required && h('span', { class: 'optional' }, either(' (optional)', ' (opcional)'))];
  const node = control.single
    ? h('div', { class: 'question' }, h('label', { for: id }, ...question), help, error, control.node, other)
    : h('fieldset', { class: 'question' }, h('legend', {}, ...question), help, error, control.node, other);
  const described = control.single ? control.node : node;
  const describe = () => described.setAttribute('aria-describedby', [!error.hidden && error.id, help && help.id].filter(Boolean).join(' '));
  if (help) describe();
  return {
    key: field.key,
    node,
    question: field.label,
    set: control.set,
    /** A file is still on its way, or did not arrive. */
    get unfinished() {
      return Boolean(control.unfinished?.());
    },
    focus: control.focus,
    /** Says what is wrong; nothing: all is well. */
    refuse(message) {
      error.hidden = !message;
      error.textContent = message ?? '';
      for (const input of node.querySelectorAll('input, textarea, select')) input.toggleAttribute('aria-invalid', false);
      if (message) (control.single ? control.node : node.querySelector('input, textarea, select'))?.setAttribute('aria-invalid', 'true');
      describe();
    },
    /** Shows what another window answered, to choose; nothing: there is nothing to choose. */
    differs(words, choose) {
      other.hidden = words === null;
      if (words === null) return fill(other);
      fill(other, h('p', {}, either('In another window you answered:', 'En otra ventana respondió:')), h('p', { class: 'draft-text' }, words || either('Nothing.', 'Nada.')),
        h('div', { class: 'button-row' },
          button(either('Keep what is here', 'Conservar lo de aquí'), { kind: 'small', onclick: () => choose(false) }),
          button(either('Take the other answer', 'Tomar la otra respuesta'), { kind: 'small', onclick: () => choose(true) })));
    },
  };
}

function section(field, id) {
  const heading = h('h2', { id, tabindex: '-1' }, field.label);
  return {
    key: field.key,
    node: h('div', { class: 'form-section' }, heading, field.help && h('p', { class: 'hint' }, field.help)),
    question: field.label,
    set() {}, refuse() {}, differs() {}, focus: () => heading.focus(),
  };
}

/** A control that is one input. */
function single(node, read, write) {
  return { single: true, node, focus: () => node.focus(), set: write, read };
}

function text(field, id, change) {
  const input = h('input', { id, type: 'text', maxlength: field.maxLength ?? 500, dir: 'auto', autocomplete: 'off' });
  input.addEventListener('input', () => change(input.value || null));
  return single(input, null, (answer) => { input.value = answer ?? ''; });
}

function longText(field, id, change) {
  const area = h('textarea', { id, rows: 5, maxlength: field.maxLength ?? 10_000, dir: 'auto' });
  area.addEventListener('input', () => change(area.value || null));
  return single(area, null, (answer) => { area.value = answer ?? ''; });
}

/** What is no number is kept as it was typed: the hub says what is wrong with it. */
function number(field, id, change) {
  const input = h('input', { id, type: 'text', inputmode: field.whole ? 'numeric' : 'decimal', autocomplete: 'off', maxlength: 40 });
  const read = (typed) => (/^[-+]?\d+([.,]\d+)?$/.test(typed) ? Number(typed.replace(',', '.')) : typed);
  input.addEventListener('input', () => change(input.value.trim() === '' ? null : read(input.value.trim())));
  const control = single(input, null, (answer) => { input.value = answer ?? ''; });
  if (!field.unit) return control;
  input.setAttribute('aria-label', `${field.label}, ${field.unit}`);
  return { ...control, single: false, node: h('div', { class: 'with-unit' }, input, h('span', {}, field.unit)) };
}

function date(field, id, change) {
  const limit = (value) => (value === 'today' ? new Date().toLocaleDateString('en-CA') : value);
  const input = h('input', { id, type: 'date', min: limit(field.earliest), max: limit(field.latest) });
  input.addEventListener('input', () => change(input.value || null));
  return single(input, null, (answer) => { input.value = answer ?? ''; });
}

function choice(field, id, change) {
  if (field.options.length > MOST_RADIOS) return select(field, id, change);
  const input = ({ value, label }, at) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: id, value, id: at === 0 ? id : null, onchange: () => change(value) }), h('span', { dir: 'auto' }, label));
  const none = !field.required && button(either('Clear the answer', 'Borrar la respuesta'), { kind: 'quiet small', onclick: () => { write(null); change(null); } });
  const node = h('div', { class: 'choices' }, ...field.options.map(input), none);
  const radios = [...node.querySelectorAll('input')];
  const write = (answer) => radios.forEach((radio) => { radio.checked = radio.value === answer; });
  return { node, set: write, focus: () => (radios.find(({ checked }) => checked) ?? radios[0])?.focus() };
}

function select(field, id, change) {
  const node = h('select', { id }, h('option', { value: '' }, either('Choose…', 'Elija…')), ...field.options.map(({ value, label }) => h('option', { value }, label)));
  node.addEventListener('change', () => change(node.value || null));
  return single(node, null, (answer) => { node.value = answer ?? ''; });
}

function choices(field, id, change) {
  const tell = () => {
    const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    change(chosen.length > 0 ? chosen : null);
  };
  const input = ({ value, label }, at) => h('label', { class: 'choice' },
    h('input', { type: 'checkbox', value, id: at === 0 ? id : null, onchange: tell }), h('span', { dir: 'auto' }, label));
  const node = h('div', { class: 'choices' }, ...field.options.map(input));
  const boxes = [...node.querySelectorAll('input')];
  return { node, focus: () => boxes[0]?.focus(), set: (answer) => boxes.forEach((box) => { box.checked = (answer ?? []).includes(box.value); }) };
}

function scale(field, id, change) {
  const steps = field.max - field.min;
  if (!(steps >= 1 && steps <= MOST_STEPS)) return number({ ...field, whole: true }, id, change);
  const step = (at) => h('label', {}, h('input', { type: 'radio', name: id, value: at, id: at === field.min ? id : null, onchange: () => change(at) }), h('span', {}, String(at)));
  const node = h('div', { class: 'scale' },
    field.minLabel && h('span', { class: 'scale-end' }, `${field.min}: ${field.minLabel}`),
    h('div', { class: 'scale-steps' }, ...Array.from({ length: steps + 1 }, (_, at) => step(field.min + at))),
    field.maxLabel && h('span', { class: 'scale-end' }, `${field.max}: ${field.maxLabel}`));
  const radios = [...node.querySelectorAll('input')];
  return { node, focus: () => (radios.find(({ checked }) => checked) ?? radios[0])?.focus(), set: (answer) => radios.forEach((radio) => { radio.checked = radio.value === String(answer ?? ''); }) };
}

const signature = (field, id, change) => signaturePad({ id, intent: field.intent, change });

/** Uploaded at once; the answer names those that arrived. */
function file(field, id, change, files) {
  if (!files) return { node: h('p', { class: 'hint' }, 'Clients add their files here.'), set() {}, focus() {} };
  const node = document.createElement('care-attachments');
  node.id = id;
  const most = field.max ?? 1;
  node.open(files.path(field.key), { most, words: most > 1 ? either('Add files', 'Agregar archivos') : either('Add a file', 'Agregar un archivo') });
  let known = '';
  node.addEventListener('change', () => {
    if (node.ids.join() === known) return;
    known = node.ids.join();
    change(node.ids.length > 0 ? node.ids : null);
  });
  const set = (answer) => {
    known = (answer ?? []).join();
    node.hold((answer ?? []).map((id) => files.find(id) ?? { id, name: '', bytes: 0 }));
  };
  return { node, set, focus: () => node.focus(), unfinished: () => node.unfinished };
}

const CONTROLS = { text, longText, number, date, choice, choices, scale, signature, file };

/** An answer as people read it. */
export function inWords(field, answer) {
  if (answer === null || answer === undefined || answer === '') return '';
  const label = (value) => field.options?.find((option) => option.value === value)?.label ?? String(value);
  if (field.type === 'choices') return (Array.isArray(answer) ? answer : [answer]).map(label).join('; ');
  if (field.type === 'choice') return label(answer);
  if (field.type === 'signature') return answer.typed ?? (answer.drawn ? either('Drawn by hand.', 'Dibujada a mano.') : '');
  if (field.type === 'file') return answer.length === 1 ? either('1 file', '1 archivo') : either(`${answer.length} files`, `${answer.length} archivos`);
  if (field.type === 'number' && field.unit) return `${answer} ${field.unit}`;
  return String(answer);
}
