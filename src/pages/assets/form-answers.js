// Owns: a form that was submitted, to be read: what was asked and answered, who signed, and whether it is as it was.

import { h } from './dom.js';
import { asked } from './form-asked.js';
import { inWords } from './form-field.js';
import { drawing } from './signature-pad.js';
import { exactly } from './time.js';

/** The parts of a submission as nodes. */
export function answered({ definition, answers, signatures, intact, seal }) {
  const shown = asked(definition, answers);
  const parts = [];
  let list = null;
  for (const field of definition.fields.filter(({ key }) => shown.has(key))) {
    if (field.type === 'section') {
      list = null;
      parts.push(h('h2', { dir: 'auto' }, field.label));
      continue;
    }
    if (!list) parts.push((list = h('dl', { class: 'answers' })));
    list.append(h('dt', { dir: 'auto' }, field.label), h('dd', {}, ...answer(field, answers[field.key], signatures)));
  }
  return [
    !intact && h('p', { class: 'failure', role: 'alert' }, 'Something in this form was changed after it was submitted: it does not match its seal. Tell whoever runs Carehub.'),
    h('div', { class: 'form-answers', lang: definition.language }, ...parts),
    h('details', { class: 'seal' }, h('summary', {}, intact ? 'Sealed: nothing was changed since it was submitted' : 'The seal is broken'),
      h('p', { class: 'hint' }, 'SHA-256 ', h('code', {}, seal))),
  ];
}

function answer(field, value, signatures) {
  if (field.type !== 'signature' || !value) return [h('p', { class: 'text' }, inWords(field, value) || h('span', { class: 'hint' }, 'Not answered.'))];
  const signed = signatures.find(({ field: key }) => key === field.key);
  return [
    h('p', { class: 'intent' }, field.intent),
    value.typed && h('p', { class: 'signed' }, value.typed),
    value.drawn && drawing(value.drawn, 'A signature, drawn by hand'),
    signed && h('p', { class: 'hint' }, `Signed on ${exactly(signed.signedAt)}`, signed.address && ` from ${signed.address}`),
    signed?.userAgent && h('p', { class: 'hint' }, signed.userAgent),
  ].filter(Boolean);
}
