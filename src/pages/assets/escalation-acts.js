// Owns: what staff do to an emergency beside taking it: hand it over, pass on to the next, close it, raise one. It only
// asks and reports; the hub decides.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { paths } from './page.js';
import { colleagueField } from './thread-actions.js';

const at = (id) => `ehr/escalations/${id}`;

const about = ({ client, drill }) => (drill ? 'the drill' : `the emergency of ${client?.name ?? 'this client'}`);

export async function handOver(escalation) {
  return ask({
    title: `Hand ${about(escalation)} to somebody else`,
    content: [h('p', {}, 'They are called at once. Until they say that they have it, it stays with you and goes on.'), await colleagueField('To whom?')],
    confirm: 'Hand it over',
    act: (data) => api('POST', `${at(escalation.id)}/hand-over`, { body: { to: data.get('person') } }).then(() => true),
  });
}

export function skip(escalation) {
  return ask({
    title: 'Call the next people now?',
    content: [h('p', {}, 'The rest of the time to answer is left out. Those who were called already can still take it.')],
    confirm: 'Call the next',
    act: () => api('POST', `${at(escalation.id)}/skip`, { body: {} }).then(() => true),
  });
}

export function resolve(escalation) {
  return ask({
    title: `Close ${about(escalation)}?`,
    content: [
      h('p', {}, escalation.drill ? 'The drill ends, and counts in the report.' : 'Nobody is called about it any more, and the client reads that it is closed.'),
      field('What was done? (for the record, not shown to the client)', h('textarea', { name: 'note', rows: 4, maxlength: 4000, required: true, dir: 'auto' })),
    ],
    confirm: 'Close it',
    act: (data) => {
      const note = data.get('note').trim();
      if (!note) throw new Error('Write what was done: whoever reads the record needs it.');
      return api('POST', `${at(escalation.id)}/resolve`, { body: { note } }).then(() => true);
    },
  });
}

/** Staff who read of a danger raise the alarm themselves. */
export function raise(thread) {
  return ask({
    title: `Raise an emergency for ${thread.client.name}?`,
    content: [h('p', {}, 'People are called one after another until somebody takes it, as if the client had pressed the button. The client reads that the practice was alarmed, and which numbers answer at once.')],
    confirm: 'Raise the alarm',
    kind: 'danger',
    act: () => api('POST', `${paths.thread(thread.id)}/escalate`, { body: {} }).then(() => true),
  });
}
