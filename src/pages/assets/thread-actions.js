// Owns: what staff do to a thread: claim, assign, hand over, close, reopen, correct, retract. It only asks and
// reports: the hub decides who may, and a refusal is shown where it was asked.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { raise } from './escalation-acts.js';
import { uuidV7 } from './ids.js';
import { me, paths, people } from './page.js';

/** The buttons that make sense for this thread and person; `changed(summary)` hears of each success. */
export function threadActions(thread, changed) {
  const mine = thread.assignee?.id === me.id;
  const assigns = me.role === 'staff' || me.role === 'admin';
  const run = (act) => () => act(thread).then((summary) => changed(summary));
  const open = thread.status === 'open';
  return h('div', { class: 'thread-actions', role: 'group', 'aria-label': 'Conversation' },
    open && !thread.assignee && me.role === 'clinician' && button('Claim', { kind: 'primary small', onclick: run(claim) }),
    open && assigns && button('Assign', { kind: 'small', onclick: run(assign) }),
    open && mine && button('Hand over', { kind: 'small', onclick: run(handOver) }),
    open && button('Emergency', { kind: 'small emergency', 'aria-label': 'Raise an emergency', onclick: () => raise(thread).then((done) => done && document.dispatchEvent(new CustomEvent('care:escalations'))) }),
    open && (mine || assigns) && button('Close', { kind: 'small', onclick: run(close) }),
    !open && button('Reopen', { kind: 'small', onclick: run(reopen) }));
}

/** Takes an unassigned thread. Resolves with its summary, or null when somebody else was faster. */
export async function claim(thread) {
  try {
    return await api('POST', `${paths.thread(thread.id)}/claim`, { body: {} });
  } catch (problem) {
    const other = problem.answer?.assignee?.name;
    await ask({
      title: other ? `${other} has taken this conversation` : 'Not claimed',
      content: [h('p', {}, problem.message)],
      confirm: 'All right',
      cancel: null,
    });
    return null;
  }
}

/** Stands for the pool: an empty choice is none. */
const NOBODY = 'nobody';

export async function colleagueField(words, { nobody = false, self = false, current = null } = {}) {
  const { items } = await api('GET', 'ehr/colleagues');
  items.forEach(({ id, presence }) => people.set(id, presence));
  const options = items.filter(({ id }) => (self || id !== me.id) && id !== current).map(({ id, name, role }) =>
    h('option', { value: id }, [name, role === 'clinician' ? '' : role, people.wordsFor(id)].filter(Boolean).join(', ')));
  // Nobody gets a conversation because they happen to stand first.
  options.unshift(h('option', { value: '' }, options.length > 0 ? 'Choose somebody' : 'There is nobody else'));
  if (nobody) options.push(h('option', { value: NOBODY }, 'Nobody (back to the unassigned pool)'));
  return field(words, h('select', { name: 'person', required: true }, ...options));
}

async function assign(thread) {
  return ask({
    title: 'Assign this conversation',
    content: [await colleagueField('Who should answer?', { nobody: thread.assignee !== null, self: true, current: thread.assignee?.id })],
    confirm: 'Assign',
    act: (data) => {
      const person = data.get('person');
      return api('POST', `${paths.thread(thread.id)}/assign`, { body: { assignee: person === NOBODY ? null : person } });
    },
  });
}

async function handOver(thread) {
  const summary = await ask({
    title: 'Hand over this conversation',
    content: [
      h('p', {}, `${thread.client.name} will be told that somebody else takes over.`),
      await colleagueField('To whom?'),
      noteField('A note for your colleague (not shown to the client)'),
    ],
    confirm: 'Hand over',
    act: (data) => api('POST', `${paths.thread(thread.id)}/hand-over`, { body: { to: data.get('person'), ...note(data) } }),
  });
  if (summary) document.dispatchEvent(new CustomEvent('care:left', { detail: thread.id }));
  return null;
}

function close(thread) {
  return ask({
    title: 'Close this conversation?',
    content: [h('p', {}, 'It stays in the record and can be reopened. Nobody can write in it while it is closed.'), noteField('A note for the record (not shown to the client)')],
    confirm: 'Close it',
    act: (data) => api('POST', `${paths.thread(thread.id)}/close`, { body: note(data) }),
  });
}

function reopen(thread) {
  return ask({
    title: 'Reopen this conversation?',
    content: [h('p', {}, `${thread.client.name} will be able to write in it again.`)],
    confirm: 'Reopen it',
    act: () => api('POST', `${paths.thread(thread.id)}/reopen`, { body: {} }),
  });
}

export function correct(thread, entry) {
  const id = uuidV7();
  return ask({
    title: 'Correct your message',
    content: [h('p', {}, 'The original stays in the record, and the correction is shown beside it.'),
      field('The right wording', text('body', entry.body, true))],
    confirm: 'Send the correction',
    act: (data) => api('POST', `${paths.thread(thread)}/entries/${entry.id}/correction`, { body: { id, body: data.get('body').trim() } }),
  });
}

export function retract(thread, entry) {
  const id = uuidV7();
  return ask({
    title: 'Retract your message?',
    content: [h('p', {}, 'It stays in the record, marked as retracted.'), field('Why? (optional, shown with it)', text('reason', ''))],
    confirm: 'Retract it',
    kind: 'danger',
    act: (data) => api('POST', `${paths.thread(thread)}/entries/${entry.id}/retraction`, { body: { id, reason: data.get('reason').trim() || undefined } }),
  });
}

function text(name, value, required = false) {
  const area = h('textarea', { name, rows: 4, maxlength: 8000, required, dir: 'auto' });
  area.value = value;
  return area;
}

const noteField = (words) => field(words, text('note', ''));
const note = (data) => (data.get('note').trim() ? { note: data.get('note').trim() } : {});
