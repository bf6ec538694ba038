// Owns: asking for an appointment. The chosen time is kept for ten minutes while the rest is filled in; the request has one
// id, however often it is sent. Somebody who finds no time that fits can wait for one.

import { api } from './api.js';
import { MODES, timeOf } from './appointment-words.js';
import { button, fill, h } from './dom.js';
import { field } from './dialog.js';
import { uuidV7 } from './ids.js';
import './slot-picker.js';

class AppointmentRequest extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'hint', role: 'status' }, 'Loading…');
  #id = uuidV7();
  #terms = null;

  connectedCallback() {
    this.append(this.#said);
    this.#start();
  }

  async #start() {
    try {
      this.#terms = await api('GET', 'portal/appointments/terms');
      if (!this.#terms.mayRequest && !this.#terms.mayBook) return this.#closed('The practice takes no requests here.');
      if (this.#terms.clinicians.length === 0) return this.#closed('Nobody takes appointments here yet.');
      this.#draw();
    } catch (problem) {
      fill(this.#said, problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#start() }));
    }
  }

  #closed(why) {
    const { phone } = this.#terms;
    fill(this.#said, why, ' ', phone ? h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, `Call ${phone}`) : 'Please call.');
  }

  #draw() {
    const { clinicians, mayBook } = this.#terms;
    const who = h('select', { name: 'clinician' }, ...clinicians.map(({ id, name }) => h('option', { value: id }, name)));
    const slots = h('care-slots', { clinician: clinicians[0].id });
    const mode = h('select', { name: 'mode' }, ...Object.entries(MODES).map(([value, words]) => h('option', { value }, words)));
    const note = h('textarea', { name: 'note', rows: 3, maxlength: 1000, dir: 'auto' });
    const send = button(mayBook ? 'Book this time' : 'Ask for this time', { kind: 'primary', type: 'submit', disabled: true });
    const wait = button('Tell me of a free time', { kind: 'quiet', onclick: () => this.#wait(who.value, mode.value) });
    const form = h('form', { class: 'stack' }, clinicians.length > 1 && field('With whom?', who), clinicians.length === 1 && h('p', {}, `With ${clinicians[0].name}`),
      slots, field('How?', mode), field('What is it about? (not needed)', note, 'Only those who look after your appointments read this. If you are in danger, call 911 or 988.'),
      this.#said, this.#failure, h('div', { class: 'button-row' }, send, wait));
    who.addEventListener('change', () => { slots.clinician = who.value; });
    slots.addEventListener('chosen', ({ detail }) => {
      send.disabled = !detail;
      this.#said.textContent = '';
      if (detail) this.#keep(who.value, detail, slots);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (slots.value) this.#send({ id: this.#id, clinician: who.value, startsAt: slots.value, mode: mode.value, note: note.value.trim() || null }, form, slots);
    });
    this.#said.textContent = '';
    fill(this, form);
  }

  /** Nobody else takes it meanwhile. One who cannot keep it is told at once. */
  async #keep(clinician, startsAt, slots) {
    this.#failure.hidden = true;
    try {
      const { until } = await api('POST', 'portal/appointments/hold', { body: { clinician, startsAt } });
      if (slots.value === startsAt) this.#said.textContent = `This time is kept for you until ${new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(new Date(until))}.`;
    } catch (problem) {
      this.#refuse(problem, slots);
    }
  }

  async #send(body, form, slots) {
    form.inert = true;
    this.#failure.hidden = true;
    try {
      const made = await api('POST', 'portal/appointments/request', { body });
      fill(this, h('div', { class: 'stack' }, h('h2', { tabindex: '-1' }, made.state === 'confirmed' ? 'Your appointment is booked' : 'The practice has your request'),
        h('p', {}, `${timeOf(made)}, with ${made.clinician.name}.`),
        h('p', { class: 'hint' }, made.state === 'confirmed' ? 'You will be reminded.' : 'You will be told as soon as somebody has answered.'),
        h('div', {}, h('a', { class: 'button', href: '/portal/appointments' }, 'To your appointments'))));
      this.querySelector('h2').focus();
    } catch (problem) {
      form.inert = false;
      this.#refuse(problem, slots);
    }
  }

  #refuse(problem, slots) {
    this.#said.textContent = '';
    this.#failure.textContent = problem.message;
    this.#failure.hidden = false;
    if (problem.code === 'conflict') slots.reload();
  }

  async #wait(clinician, mode) {
    const from = new Date();
    const until = new Date(from.getTime() + 60 * 86_400_000);
    this.#failure.hidden = true;
    try {
      await api('POST', 'portal/appointments/waitlist', { body: { clinician, mode, from: from.toISOString(), until: until.toISOString() } });
      location.assign('/portal/appointments#waitlist');
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-appointment-request', AppointmentRequest);
