// Owns: who waits for a time, for the practice: what they wait for is changed, a time is offered, somebody is taken off.
// Whether a time is free is the hub's to say.

import { api } from './api.js';
import { dateOf, isoDay, MODES, timeOf } from './appointment-words.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { more, record, Records } from './records.js';
import { say } from './toast.js';
import './slot-picker.js';

/** The first moment of a day here, of which a field gives the name. */
const beginOf = (day) => new Date(`${day}T00:00`);
const dayAfter = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);

class Waitlist extends Records {
  get path() {
    return 'ehr/appointments/waitlist';
  }

  get empty() {
    return 'Nobody waits for a time.';
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:appointments', () => this.reload());
  }

  node(place) {
    const { client, clinician, mode, from, until, since } = place;
    const act = (words, kind, run) => button(words, { kind, 'aria-label': `${words}: ${client.name}, with ${clinician.name}`, onclick: run });
    return record({
      title: h('bdi', {}, client.name), tags: [MODES[mode]],
      lines: [`For a time with ${clinician.name}, ${dateOf(from)} to ${dateOf(new Date(until) - 1)}`, `Since ${dateOf(since)}. A time that becomes free is offered to whoever waits longest.`],
      actions: [
        act('Offer a time', 'small primary', () => this.#offer(place)),
        more(`${client.name}, with ${clinician.name}`,
          act('Change', 'small', () => this.#change(place)),
          act('Take off', 'small', () => this.#remove(place))),
      ],
    });
  }

  async #offer({ id, client, clinician }) {
    const slots = h('care-slots', { clinician: clinician.id, door: 'ehr' });
    const offered = await ask({
      title: 'Offer a time',
      content: [h('p', {}, `To ${client.name}, with ${clinician.name}.`), slots, h('p', { class: 'hint' }, 'The client is told, and it is kept for four hours, or until an hour before it begins.')],
      confirm: 'Offer it',
      act: () => {
        if (!slots.value) throw new Error('Choose a time first.');
        return api('POST', `ehr/appointments/waitlist/${id}/offer`, { body: { startsAt: slots.value } });
      },
    });
    if (!offered) return;
    document.dispatchEvent(new CustomEvent('care:appointments'));
    say(`Offered: ${timeOf(offered)}.`);
  }

  async #change({ id, client, clinician, mode, from, until }) {
    const first = h('input', { type: 'date', name: 'from', required: true, value: isoDay(from) });
    const last = h('input', { type: 'date', name: 'until', required: true, value: isoDay(new Date(until) - 1) });
    const how = h('select', { name: 'mode' }, ...Object.entries(MODES).map(([value, words]) => h('option', { value, selected: value === mode }, words)));
    await this.confirm({
      title: 'What they wait for', content: [h('p', {}, `${client.name}, with ${clinician.name}.`), field('From', first), field('Up to and with', last), field('How?', how)],
      confirm: 'Save', done: 'Changed.',
      act: () => api('PUT', `ehr/appointments/waitlist/${id}`, { body: { mode: how.value, from: beginOf(first.value).toISOString(), until: dayAfter(beginOf(last.value)).toISOString() } }),
    });
  }

  #remove({ id, client, clinician }) {
    return this.confirm({
      title: 'Take off the waitlist?', kind: 'danger', confirm: 'Take off', done: 'Taken off the waitlist.',
      content: [h('p', {}, `${client.name} will not be offered times with ${clinician.name} any more, and is told so.`)],
      act: () => api('DELETE', `ehr/appointments/waitlist/${id}`),
    });
  }
}

customElements.define('care-waitlist', Waitlist);
