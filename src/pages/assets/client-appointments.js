// Owns: a client's appointments: what is ahead, what has been, and what may be done with each: join, accept, move, cancel,
// add to a calendar. What giving one up costs is asked of the hub, and said before anything happens.

import { api } from './api.js';
import { MODES, money, span, stateWords, timeOf } from './appointment-words.js';
import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { record, Records } from './records.js';
import { say } from './toast.js';
import './slot-picker.js';

const OPEN = ['requested', 'proposed', 'rescheduled', 'confirmed'];
const EARLY_MS = 10 * 60_000;
const terms = api('GET', 'portal/appointments/terms').catch(() => null);

class ClientAppointments extends Records {
  get path() {
    const one = this.getAttribute('one');
    return one ? `portal/appointments/${one}` : `portal/appointments?status=${this.getAttribute('status')}`;
  }

  get empty() {
    return this.getAttribute('status') === 'past' ? 'None yet.' : 'You have no appointment ahead.';
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:appointments', () => this.reload());
  }

  node(appointment) {
    const { id, state, mode, clinician, note, startsAt, endsAt, until } = appointment;
    const when = timeOf(appointment);
    const ahead = new Date(startsAt) > new Date();
    const act = (words, kind, run) => button(words, { kind, 'aria-label': `${words}: ${when}`, onclick: run });
    const joinable = mode === 'video' && ['confirmed', 'checkedIn'].includes(state) && new Date(endsAt) > new Date() && new Date(startsAt) - Date.now() < EARLY_MS;
    return record({
      title: when,
      tags: [stateWords(state), MODES[mode]],
      lines: [`With ${clinician.name}`, until && `Kept for you until ${new Date(until).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })}. Then it is offered to somebody else.`, note && h('span', { dir: 'auto' }, `You wrote: ${note}`)],
      actions: [
        joinable && act('Join', 'small primary', () => this.#join(id)),
        ahead && ['offered', 'proposed'].includes(state) && act('Accept', 'small primary', () => this.#accept(appointment)),
        ahead && OPEN.includes(state) && act('Move', 'small', () => this.#move(appointment)),
        ahead && [...OPEN, 'offered'].includes(state) && act(state === 'offered' ? 'Decline' : 'Cancel', 'small', () => this.#cancel(appointment)),
        ahead && OPEN.includes(state) && h('a', { class: 'button small', href: `/api/v1/portal/appointments/${id}/calendar.ics`, download: 'appointment.ics', 'aria-label': `Add to calendar: ${when}` }, 'Add to calendar'),
      ],
    });
  }

  async #join(id) {
    try {
      const { url } = await api('GET', `portal/appointments/${id}/join`);
      location.assign(url);
    } catch (problem) {
      await ask({ title: 'Not open', content: [h('p', {}, problem.message)], confirm: 'All right', cancel: null });
    }
  }

  async #accept(appointment) {
    const done = await ask({
      title: 'Take this time?', content: [h('p', {}, `${timeOf(appointment)}, with ${appointment.clinician.name}.`)], confirm: 'Yes, take it',
      act: () => api('POST', `portal/appointments/${appointment.id}/accept`, { body: {} }).then(() => true),
    });
    this.#after(done, 'Your appointment is confirmed.');
  }

  /** What the practice says about giving it up now. */
  async #price({ state, startsAt }) {
    const rules = await terms;
    if (!rules || !['confirmed', 'rescheduled'].includes(state)) return { words: [] };
    const late = new Date(startsAt) - Date.now() < rules.windowMinutes * 60_000;
    const window = `Up to ${span(rules.windowMinutes)} before it begins this costs nothing.`;
    if (!late || rules.late === 'free') return { words: [h('p', { class: 'hint' }, rules.late === 'free' ? '' : window)] };
    if (rules.late === 'phoneOnly') return { words: [h('p', { class: 'warning' }, `It begins in less than ${span(rules.windowMinutes)}. Please call the practice${rules.phone ? `: ${rules.phone}` : '.'}`)], closed: true };
    return {
      fee: true,
      words: [h('p', { class: 'warning' }, `It begins in less than ${span(rules.windowMinutes)}, so this costs ${money(rules.fee)}.`),
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'acceptFee', required: true }), `I agree to pay ${money(rules.fee)}`)],
    };
  }

  async #cancel(appointment) {
    const { words, closed } = await this.#price(appointment);
    const done = await ask({
      title: appointment.state === 'offered' ? 'Decline this time?' : 'Cancel this appointment?',
      content: [h('p', {}, `${timeOf(appointment)}, with ${appointment.clinician.name}.`), ...words],
      confirm: closed ? 'All right' : appointment.state === 'offered' ? 'Decline' : 'Cancel the appointment', kind: closed ? 'primary' : 'danger', cancel: closed ? null : 'Keep it',
      act: (data) => (closed ? null : api('PUT', `portal/appointments/${appointment.id}/cancel`, { body: { acceptFee: data.get('acceptFee') === 'on' } }).then(() => true)),
    });
    this.#after(done, appointment.state === 'offered' ? 'Declined.' : 'Your appointment is cancelled.');
  }

  async #move(appointment) {
    const { words, closed } = await this.#price(appointment);
    const slots = h('care-slots', { clinician: appointment.clinician.id });
    const done = await ask({
      title: 'Move this appointment', confirm: closed ? 'All right' : 'Move it', cancel: closed ? null : 'Keep it as it is',
      content: [h('p', {}, `Now: ${timeOf(appointment)}.`), ...words, ...(closed ? [] : [slots])],
      act: (data) => {
        if (closed) return null;
        if (!slots.value) throw new Error('Choose a time first.');
        return api('PUT', `portal/appointments/${appointment.id}/reschedule`, { body: { startsAt: slots.value, acceptFee: data.get('acceptFee') === 'on' } });
      },
    });
    this.#after(done, done?.state === 'confirmed' ? 'Your appointment is moved.' : 'The practice will confirm the new time.');
  }

  async #after(done, words) {
    if (!done) return;
    document.dispatchEvent(new CustomEvent('care:appointments'));
    say(words);
  }
}

customElements.define('care-appointments', ClientAppointments);

class OwnWaitlist extends Records {
  get path() {
    return 'portal/appointments/waitlist';
  }

  get empty() {
    return 'You wait for nothing. When no time fits, you can ask to be told of one that becomes free.';
  }

  node({ id, clinician, mode, until }) {
    return record({
      title: `A time with ${clinician.name}`, tags: [MODES[mode]], lines: [`Until ${new Date(until).toLocaleDateString(undefined, { dateStyle: 'long' })}`],
      actions: [button('Wait no more', { kind: 'small', 'aria-label': `Wait no more for a time with ${clinician.name}`, onclick: () => this.confirm({
        title: 'Wait no more?', content: [h('p', {}, 'You will not be told of times that become free.')], confirm: 'Wait no more', act: () => api('DELETE', `portal/appointments/waitlist/${id}`),
      }) })],
    });
  }
}

customElements.define('care-own-waitlist', OwnWaitlist);
