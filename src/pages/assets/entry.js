// Owns: how one entry of a thread looks, for its reader. It never decides who may see what (the hub has), and
// what people wrote is only ever text.

import { withNumbers } from './crisis-links.js';
import { h, icon, spoken } from './dom.js';
import { either, language } from './either.js';
import { attachmentList } from './files.js';
import { exactly, timeOfDay } from './time.js';

const STATES = { sent: ['check', either('Sent', 'Enviado')], delivered: ['checks', either('Delivered', 'Entregado')], read: ['checks', either('Read', 'Leído')] };

/** The node for an entry, or null for one that its reader has no part in (a placeholder that keeps the order). */
export function entryNode(entry, { me, staff, log, actions }) {
  if (entry.kind === 'notice' && !entry.body) return null;
  if (entry.kind === 'notice') return noticeNode(entry);
  const mine = entry.from?.id === me.id;
  const changes = log.changesOf(entry.id);
  return h('li', { class: `entry ${entry.kind} ${mine ? 'mine' : 'theirs'} ${entry.priority}`, 'data-seq': entry.seq, 'data-from': entry.from?.id },
    h('div', { class: 'byline' }, h('span', { class: 'author' }, mine ? either('You', 'Usted') : entry.from?.name ?? 'Carehub'), label(entry)),
    h('div', { class: 'bubble' }, quote(entry, log), ...body(entry, changes), changes.at(-1)?.kind !== 'retraction' && attachmentList(entry.attachments, staff ? 'ehr' : 'portal') || ''),
    h('div', { class: 'foot' },
      staff && mine && changes.length === 0 && ['message', 'note'].includes(entry.kind) && menu(entry, actions),
      time(entry), mine && entry.kind === 'message' && h('span', { class: 'state' })));
}

/** Shows how far an own message has come; `words` says it beside the picture. */
export function showState(node, state, words) {
  const place = node.querySelector('.state');
  if (!place || (place.dataset.state === state && place.dataset.words === String(words))) return;
  const [picture, text] = STATES[state];
  Object.assign(place.dataset, { state, words });
  place.title = text;
  place.replaceChildren(icon(picture), words ? h('span', {}, text) : spoken(text));
}

/** What a screen reader hears when the entry arrives. */
export function aloud({ kind, from, body, priority, attachments }) {
  const urgent = priority === 'normal' ? '' : either('urgent, ', 'urgente, ');
  if (kind === 'notice') return body;
  if (kind === 'correction') return `${from.name} ${either('corrected a message', 'corrigió un mensaje')}: ${body}`;
  if (kind === 'retraction') return `${from.name} ${either('retracted a message', 'retiró un mensaje')}`;
  return `${from?.name ?? 'Carehub'}, ${urgent}${kind === 'note' ? 'staff note: ' : ''}${body}${attachments?.length ? ` (${attachments.length === 1 ? either('with one file', 'con un archivo') : either(`with ${attachments.length} files`, `con ${attachments.length} archivos`)})` : ''}`;
}

function noticeNode(entry) {
  return h('li', { class: 'entry notice', 'data-seq': entry.seq }, h('p', {}, ...withNumbers(entry.body)), time(entry));
}

function label({ kind, priority }) {
  return [
    kind === 'note' && h('span', { class: 'tag note-tag' }, icon('lock'), 'Staff note, not shown to the client'),
    kind === 'correction' && h('span', { class: 'tag' }, either('Correction', 'Corrección')),
    kind === 'retraction' && h('span', { class: 'tag' }, either('Retraction', 'Retirada')),
    priority === 'urgent' && h('span', { class: 'tag urgent-tag' }, icon('alert'), either('Urgent', 'Urgente')),
    priority === 'emergency' && h('span', { class: 'tag urgent-tag', lang: language }, icon('alert'), either('Emergency', 'Emergencia')),
  ];
}

function body(entry, changes) {
  const text = entry.body ? h('p', { class: 'text', dir: 'auto' }, entry.body) : '';
  if (entry.kind === 'retraction') {
    return [h('p', { class: 'text' }, either('A message was retracted by its author.', 'Quien escribió un mensaje lo retiró.')), entry.body && h('p', { class: 'text', dir: 'auto' }, entry.body)];
  }
  const last = changes.at(-1);
  if (!last) return [text];
  const words = last.kind === 'retraction' ? either('Retracted by its author.', 'Lo retiró quien lo escribió.') : either('Corrected later. The new wording is below.', 'Se corrigió después. El texto nuevo está más abajo.');
  return [h('p', { class: 'changed' }, words), h('details', {}, h('summary', {}, either('Show the original', 'Mostrar el original')), text)];
}

/** What an entry answers, in its latest wording: words that were taken back are not said again. */
function quote({ kind, replyTo }, log) {
  const original = replyTo && log.find(replyTo);
  if (!original || kind === 'correction' || kind === 'retraction') return null;
  const last = log.changesOf(replyTo).at(-1) ?? original;
  if (last.kind === 'retraction') return null;
  const start = last.body.length > 120 ? `${last.body.slice(0, 120)}…` : last.body;
  return h('blockquote', { dir: 'auto' }, spoken(either('In answer to: ', 'En respuesta a: ')), start);
}

function time({ at }) {
  return h('time', { datetime: at, title: exactly(at) }, timeOfDay(at));
}

function menu(entry, actions) {
  const act = (words, run) => h('button', { type: 'button', class: 'link', onclick: () => run(entry) }, words);
  return h('span', { class: 'entry-actions' }, act('Correct', actions.correct), act('Retract', actions.retract));
}
