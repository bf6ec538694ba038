// Owns: one field while a form is being built: everything that can be said about it, by keyboard alone. It changes the
// field that it was given and tells that it did; what makes sense is judged by the hub.

import { field as labelled } from './dialog.js';
import { button, fill, h } from './dom.js';

export const TYPES = {
  text: 'One line of text', longText: 'Long text', number: 'Number', date: 'Date', choice: 'One of several', choices: 'Any of several',
  scale: 'Scale', signature: 'Signature', section: 'Heading',
};
const COMPARISONS = { answered: 'is answered', equals: 'is', differs: 'is not', includes: 'includes', atLeast: 'is at least', atMost: 'is at most' };
const NUMBERS = ['number', 'scale'];

/** A new field of a type. */
export function fresh(type, key) {
  const limits = { choice: { options: [] }, choices: { options: [] }, scale: { min: 0, max: 10 }, signature: { intent: '' }, number: { whole: false } };
  return { key, label: '', required: false, type, ...limits[type] };
}

/** The controls of a field. `earlier()` gives the questions before it; `changed()` hears every change. */
export function fieldControls(field, { earlier, changed }) {
  const set = (name, value) => {
    if (value === null || value === '') delete field[name];
    else field[name] = value;
    changed();
  };
  const text = (name, words, { area = false, hint = null, ...more } = {}) => {
    const input = h(area ? 'textarea' : 'input', { ...(area ? { rows: 2 } : { type: 'text' }), maxlength: area ? 4000 : 500, autocomplete: 'off', dir: 'auto', 'data-field': name, ...more });
    input.value = field[name] ?? '';
    input.addEventListener('input', () => (name === 'label' || name === 'intent' ? ((field[name] = input.value), changed()) : set(name, input.value)));
    return labelled(words, input, hint);
  };
  const numeric = (name, words, kept = false) => {
    const input = h('input', { type: 'number', step: 'any', 'data-field': name });
    input.value = field[name] ?? '';
    input.addEventListener('input', () => (kept && input.value === '' ? null : set(name, input.value === '' ? null : Number(input.value))));
    return labelled(words, input);
  };
  const tick = (name, words) => {
    const input = h('input', { type: 'checkbox', checked: Boolean(field[name]), onchange: () => { field[name] = input.checked; changed(); } });
    return h('label', { class: 'choice' }, input, h('span', {}, words));
  };
  const limit = (name, words) => {
    const input = h('input', { type: 'date', 'data-field': name, value: field[name] === 'today' ? '' : field[name] ?? '', disabled: field[name] === 'today' });
    const today = h('input', { type: 'checkbox', checked: field[name] === 'today', onchange: () => {
      input.disabled = today.checked;
      set(name, today.checked ? 'today' : input.value);
    } });
    input.addEventListener('input', () => set(name, input.value));
    return h('div', {}, labelled(words, input), h('label', { class: 'choice' }, today, h('span', {}, 'The day of the answer')));
  };
  const limits = {
    text: () => [numeric('maxLength', 'Most characters (up to 500)')],
    longText: () => [numeric('maxLength', 'Most characters (up to 10,000)')],
    number: () => [h('div', { class: 'side-by-side' }, numeric('min', 'Lowest'), numeric('max', 'Highest'), text('unit', 'Unit')), tick('whole', 'Whole numbers only')],
    date: () => [h('div', { class: 'side-by-side' }, limit('earliest', 'Earliest'), limit('latest', 'Latest'))],
    choice: () => [options()],
    choices: () => [options(), h('div', { class: 'side-by-side' }, numeric('min', 'At least so many'), numeric('max', 'At most so many'))],
    scale: () => [h('div', { class: 'side-by-side' }, numeric('min', 'Lowest', true), numeric('max', 'Highest', true), text('minLabel', 'What the lowest means'), text('maxLabel', 'What the highest means'))],
    signature: () => [text('intent', 'What one agrees to by signing', { area: true })],
    section: () => [],
    file: () => [numeric('max', 'At most so many (up to 10)')],
  };

  /** One option a line. An option that stays keeps the value under which it is stored. */
  function options() {
    const area = h('textarea', { rows: Math.max(3, field.options.length), dir: 'auto', 'data-field': 'options' });
    area.value = field.options.map(({ label }) => label).join('\n');
    area.addEventListener('input', () => {
      const lines = area.value.split('\n').map((line) => line.trim()).filter(Boolean);
      const left = [...field.options];
      const kept = lines.map((label) => left.find((option) => option.label === label));
      const free = left.filter((option) => !kept.includes(option));
      const taken = new Set(kept.filter(Boolean).map(({ value }) => value));
      field.options = lines.map((label, at) => {
        if (kept[at]) return kept[at];
        // A line that was reworded is the same option.
        const before = left[at];
        const value = before && free.includes(before) && lines.length === left.length ? before.value : newValue(taken);
        taken.add(value);
        return { value, label };
      });
      changed();
    });
    return labelled('Options, one a line', area);
  }

  return [
    text('label', field.type === 'section' ? 'Heading' : 'Question'),
    text('help', field.type === 'section' ? 'Text below the heading' : 'Help', { area: true }),
    ...limits[field.type](),
    field.type !== 'section' && tick('required', 'An answer is required'),
    conditions(field, { earlier, changed }),
  ].filter(Boolean);
}

function newValue(taken) {
  let number = taken.size + 1;
  while (taken.has(`o${number}`)) number += 1;
  return `o${number}`;
}

/** When it is asked. */
function conditions(field, { earlier, changed }) {
  const list = h('div', { class: 'stack' });
  const draw = () => {
    const questions = earlier();
    const shown = field.showIf?.conditions ?? [];
    fill(list,
      ...shown.map((condition, at) => row(condition, at, questions)),
      shown.length > 1 && matching(),
      questions.length > 0 && h('div', {}, button(shown.length === 0 ? 'Ask only if…' : 'Another condition', { kind: 'small', onclick: () => {
        field.showIf ??= { match: 'all', conditions: [] };
        field.showIf.conditions.push({ field: questions[0].key, is: 'answered' });
        changed();
        draw();
      } })));
  };
  const matching = () => {
    const select = h('select', { onchange: () => { field.showIf.match = select.value; changed(); } },
      h('option', { value: 'all' }, 'all of them hold'), h('option', { value: 'any' }, 'any of them holds'));
    select.value = field.showIf.match ?? 'all';
    return labelled('Ask if', select);
  };
  const row = (condition, at, questions) => {
    const about = questions.find(({ key }) => key === condition.field);
    const which = h('select', {}, ...questions.map(({ key, label }, number) => h('option', { value: key }, label || `Question ${number + 1}`)));
    which.value = condition.field;
    which.addEventListener('change', () => { Object.assign(condition, { field: which.value, is: 'answered' }); delete condition.value; changed(); draw(); });
    const fits = ({ type }) => (type === 'choices' ? ['answered', 'includes'] : NUMBERS.includes(type) ? ['answered', 'equals', 'differs', 'atLeast', 'atMost'] : ['signature', 'file'].includes(type) ? ['answered'] : ['answered', 'equals', 'differs']);
    const how = h('select', {}, ...(about ? fits(about) : ['answered']).map((is) => h('option', { value: is }, COMPARISONS[is])));
    how.value = condition.is;
    how.addEventListener('change', () => {
      condition.is = how.value;
      if (how.value === 'answered') delete condition.value;
      else condition.value ??= about.options?.[0]?.value ?? (NUMBERS.includes(about.type) ? 0 : '');
      changed();
      draw();
    });
    return h('div', { class: 'condition' }, labelled('Ask only if', which), labelled('Comparison', how),
      condition.is !== 'answered' && about && value(condition, about),
      button('Remove', { kind: 'small', 'aria-label': `Remove condition ${at + 1}`, onclick: () => {
        field.showIf.conditions.splice(at, 1);
        if (field.showIf.conditions.length === 0) delete field.showIf;
        changed();
        draw();
        list.querySelector('button')?.focus();
      } }));
  };
  const value = (condition, about) => {
    const control = about.options
      ? h('select', {}, ...about.options.map((option) => h('option', { value: option.value }, option.label)))
      : h('input', { type: NUMBERS.includes(about.type) ? 'number' : about.type === 'date' ? 'date' : 'text', step: 'any', autocomplete: 'off' });
    control.value = condition.value ?? '';
    control.addEventListener('input', () => { condition.value = NUMBERS.includes(about.type) ? Number(control.value) : control.value; changed(); });
    return labelled('Value', control);
  };
  draw();
  list.redraw = draw;
  return list;
}
