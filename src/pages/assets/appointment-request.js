// Owns: asking for an appointment. The chosen time is kept for ten minutes while the rest is filled in; the request has one
// id, however often it is sent. Somebody who finds no time that fits can wait for one.

import { api } from './api.js';
import { atBeginning, MODES, theClock, timeOf } from './appointment-words.js';
import { button, fill, h } from './dom.js';
import { field } from './dialog.js';
import { either, reason } from './either.js';
import { uuidV7 } from './ids.js';
import './slot-picker.js';

class AppointmentRequest extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…'));
  #id = uuidV7();
  #terms = null;

  connectedCallback() {
    this.append(this.#said);
    this.#start();
  }

  async #start() {
    try {
      this.#terms = await api('GET', 'portal/appointments/terms');
      if (!this.#terms.mayRequest && !this.#terms.mayBook) return this.#closed(either('The practice takes no requests here.', 'El consultorio no recibe solicitudes aquí.'));
      if (this.#terms.clinicians.length === 0) return this.#closed(either('Nobody takes appointments here yet.', 'Aquí aún nadie da citas.'));
      this.#draw();
    } catch (problem) {
      fill(this.#said, reason(problem), ' ', button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#start() }));
    }
  }

  #closed(why) {
    const { phone } = this.#terms;
    fill(this.#said, why, ' ', phone ? h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, `${either('Call', 'Llame al')} ${phone}`) : either('Please call.', 'Por favor, llame.'));
  }

  #draw() {
    const { clinicians, mayBook } = this.#terms;
    const who = h('select', { name: 'clinician' }, ...clinicians.map(({ id, name }) => h('option', { value: id }, name)));
    const slots = h('care-slots', { clinician: clinicians[0].id });
    const mode = h('select', { name: 'mode' }, ...Object.entries(MODES).map(([value, words]) => h('option', { value }, words)));
    const note = h('textarea', { name: 'note', rows: 3, maxlength: 1000, dir: 'auto' });
    const send = button(mayBook ? either('Book this time', 'Reservar esta hora') : either('Ask for this time', 'Pedir esta hora'), { kind: 'primary', type: 'submit', disabled: true });
    const wait = button(either('Tell me of a free time', 'Avisarme de una hora libre'), { kind: 'quiet', onclick: () => this.#wait(who.value, mode.value) });
    const form = h('form', { class: 'stack' }, clinicians.length > 1 && field(either('With whom?', '¿Con quién?'), who), clinicians.length === 1 && h('p', {}, `${either('With', 'Con')} ${clinicians[0].name}`),
      slots, field(either('How?', '¿Cómo?'), mode), field(either('What is it about? (not needed)', '¿De qué se trata? (no es necesario)'), note, either('Only those who look after your appointments read this. If you are in danger, do not wait for an appointment: the numbers at the top of this page answer now.', 'Solo lo leen quienes se ocupan de sus citas. Si está en peligro, no espere a una cita: los números de arriba en esta página responden ahora.')),
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
      if (slots.value === startsAt) this.#said.textContent = either(`This time is kept for you until ${theClock(until)}.`, `Hasta ${theClock(until)} se le guarda esta hora.`);
    } catch (problem) {
      this.#refuse(problem, slots);
    }
  }

  async #send(body, form, slots) {
    form.inert = true;
    this.#failure.hidden = true;
    try {
      const made = await api('POST', 'portal/appointments/request', { body });
      fill(this, h('div', { class: 'stack' }, h('h2', { tabindex: '-1' }, made.state === 'confirmed' ? either('Your appointment is booked', 'Su cita está reservada') : either('The practice has your request', 'El consultorio tiene su solicitud')),
        h('p', {}, `${atBeginning(timeOf(made))}, ${either('with', 'con')} ${made.clinician.name}.`),
        h('p', { class: 'hint' }, made.state === 'confirmed' ? either('You will be reminded.', 'Se le recordará.') : either('You will be told as soon as somebody has answered.', 'Se le avisará en cuanto alguien haya respondido.')),
        h('div', {}, h('a', { class: 'button', href: '/portal/appointments' }, either('To your appointments', 'A sus citas')))));
      this.querySelector('h2').focus();
    } catch (problem) {
      form.inert = false;
      this.#refuse(problem, slots);
    }
  }

  #refuse(problem, slots) {
    this.#said.textContent = '';
    this.#failure.textContent = reason(problem);
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
      this.#failure.textContent = reason(problem);
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-appointment-request', AppointmentRequest);
