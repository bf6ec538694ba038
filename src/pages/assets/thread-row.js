// Owns: how a thread looks in a list, and keeping a list of such rows in step with summaries without taking the
// keyboard's focus away. It never loads or claims anything itself.

import { button, h, icon, spoken } from './dom.js';
import { either, language } from './either.js';
import { exactly, shortTime } from './time.js';

function row(thread, { staff, me, current, href, claim }) {
  const { client, subject, unread, lastEntry, lastEntryAt, assignee, status, priority } = thread;
  return h('li', { class: `row ${unread > 0 ? 'unread' : ''}`, 'data-id': thread.id },
    h('a', { href: href(thread.id), 'aria-current': current === thread.id ? 'page' : null },
      h('span', { class: 'row-top' },
        h('span', { class: 'row-name' }, h('bdi', {}, staff ? client.name : subject)),
        lastEntryAt && h('time', { datetime: lastEntryAt, title: exactly(lastEntryAt) }, shortTime(lastEntryAt))),
      h('span', { class: 'row-middle' },
        h('span', { class: 'row-subject' }, h('bdi', {}, staff ? subject : withWhom(assignee))),
        unread > 0 && h('span', { class: 'badge' }, String(unread), spoken(either(' unread', ' sin leer')))),
      lastEntry && h('span', { class: 'row-preview' }, ...preview(lastEntry, me, client)),
      h('span', { class: 'row-tags' },
        priority === 'urgent' && h('span', { class: 'tag urgent-tag' }, icon('alert'), either('Urgent', 'Urgente')),
        priority === 'emergency' && h('span', { class: 'tag urgent-tag', lang: language }, icon('alert'), either('Emergency', 'Emergencia')),
        status === 'closed' && h('span', { class: 'tag' }, either('Closed', 'Cerrada')),
        staff && status === 'open' && !assignee && h('span', { class: 'tag' }, 'Unassigned'),
        staff && assignee && assignee.id !== me.id && h('span', { class: 'tag' }, assignee.name))),
    staff && me.role === 'clinician' && status === 'open' && !assignee &&
      button('Claim', { kind: 'small claim', 'aria-label': `Claim the conversation with ${client.name}`, onclick: () => claim(thread) }));
}

function preview({ kind, from, preview: words }, me, client) {
  const mine = from?.id === me.id;
  const who = mine ? [either('You: ', 'Usted: ')] : from && from.id !== client.id ? [h('bdi', {}, from.name), ': '] : [];
  if (kind === 'retraction') return [...who, either('a message was retracted', 'se retiró un mensaje')];
  return [...who, kind === 'note' && 'staff note, ', h('bdi', {}, words)].filter(Boolean);
}

const withWhom = (assignee) => (assignee ? `${either('With', 'Con')} ${assignee.name}` : either('With your care team', 'Con su equipo'));

/** Draws `threads` into `list`, touching only the rows whose summary changed. */
export function drawRows(list, threads, context) {
  const focused = document.activeElement?.closest?.('.row')?.dataset.id;
  const drawn = (list.drawn ??= new Map());
  const nodes = threads.map((thread) => {
    const known = drawn.get(thread.id);
    if (known?.thread === thread && known.current === context.current) return known.node;
    const node = row(thread, context);
    drawn.set(thread.id, { thread, current: context.current, node });
    return node;
  });
  if (nodes.length === list.children.length && nodes.every((node, at) => list.children[at] === node)) return;
  list.replaceChildren(...nodes);
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"] a`)?.focus({ preventScroll: true });
}
