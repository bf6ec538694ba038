// Owns: a form that was submitted, to be read: what was asked and answered, who signed, and whether it is as it was.

import { h } from './dom.js';
import { either, when } from './either.js';
import { shownFile } from './files.js';
import { asked } from './form-asked.js';
import { inWords } from './form-field.js';
import { drawing } from './signature-pad.js';
import { exactly } from './time.js';

/** The parts of a submission as nodes. */
export function answered({ definition, answers, signatures, files, intact, seal }, fileAt) {
  const shown = asked(definition, answers);
  const answerOf = (key) => (Object.hasOwn(answers, key) ? answers[key] : null);
  const parts = [];
  let list = null;
  for (const field of definition.fields.filter(({ key }) => shown.has(key))) {
    if (field.type === 'section') {
      list = null;
      parts.push(h('h2', { dir: 'auto' }, field.label));
      continue;
    }
    if (!list) parts.push((list = h('dl', { class: 'answers' })));
    list.append(h('dt', { dir: 'auto' }, field.label), h('dd', {}, ...(field.type === 'file' ? fileList(files.filter(({ field: key }) => key === field.key), fileAt) : answer(field, answerOf(field.key), signatures))));
  }
  return [
    !intact && h('p', { class: 'failure', role: 'alert' }, either('Something in this form was changed after it was submitted: it does not match its seal. Tell whoever runs Carehub.', 'Algo en este formulario se cambió después de enviarlo: no coincide con su sello. Avise a su consultorio.')),
    h('div', { class: 'form-answers', lang: definition.language }, ...parts),
    h('details', { class: 'seal' }, h('summary', {}, intact ? either('Sealed: nothing was changed since it was submitted', 'Sellado: nada cambió desde que se envió') : either('The seal is broken', 'El sello está roto')),
      h('p', { class: 'hint' }, 'SHA-256 ', h('code', {}, seal))),
  ];
}

/** Each with what it was sealed by. */
function fileList(files, fileAt) {
  if (files.length === 0) return [h('p', { class: 'text' }, h('span', { class: 'hint' }, either('Not answered.', 'Sin respuesta.')))];
  return files.map((file) => h('div', {}, shownFile(file, fileAt(file)), h('p', { class: 'hint' }, 'SHA-256 ', h('code', {}, file.sha256))));
}

function answer(field, value, signatures) {
  if (field.type !== 'signature' || !value) return [h('p', { class: 'text' }, inWords(field, value) || h('span', { class: 'hint' }, either('Not answered.', 'Sin respuesta.')))];
  const signed = signatures.find(({ field: key }) => key === field.key);
  return [
    h('p', { class: 'intent' }, field.intent),
    value.typed && h('p', { class: 'signed' }, value.typed),
    value.drawn && drawing(value.drawn, either('A signature, drawn by hand', 'Una firma, dibujada a mano')),
    signed && h('p', { class: 'hint' }, either(`Signed on ${exactly(signed.signedAt)}`, `Firmado: ${when(signed.signedAt)}`), signed.address && either(` from ${signed.address}`, ` desde ${signed.address}`)),
    signed?.userAgent && h('p', { class: 'hint' }, signed.userAgent),
  ].filter(Boolean);
}
