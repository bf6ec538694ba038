// Owns: a client's appointments: what is ahead, what has been, and what may be done with each: join, accept or decline another
// time, move, cancel, add to a calendar. What giving one up costs is asked of the hub, and said before anything happens.

import { api } from './api.js';
import { atBeginning, dateOf, MODES, money, opensIn, span, stateWords, theClock, timeOf } from './appointment-words.js';
import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { either, reason } from './either.js';
import { record, Records } from './records.js';
import { say } from './toast.js';
import './slot-picker.js';

const OPEN = ['requested', 'proposed', 'rescheduled', 'confirmed'];
const DAY_MS = 86_400_000;
const BACK = either('Cancel', 'Volver');
const FINE = either('All right', 'De acuerdo');
const withWhom = (appointment) => `${atBeginning(timeOf(appointment))}, ${either('with', 'con')} ${appointment.clinician.name}.`;
const terms = api('GET', 'portal/appointments/terms').catch(() => null);

const byTelephone = (words, phone) => h('p', { class: 'warning' }, words, phone ? [': ', h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone)] : '.');

/** Whoever is refused what is done by telephone is told the number with it. */
async function giveUp(path, body) {
  try {
    return await api('PUT', path, { body });
  } catch (problem) {
    const { reason: why, phone } = problem.answer ?? {};
    if (why === 'phoneOnly' && phone) throw new Error(`${reason(problem)} ${phone}`);
    throw problem;
  }
}

class ClientAppointments extends Records {
  #opening = null;

  get path() {
    const one = this.getAttribute('one');
    return one ? `portal/appointments/${one}` : `portal/appointments?status=${this.getAttribute('status')}`;
  }

  get empty() {
    return this.getAttribute('status') === 'past' ? either('None yet.', 'Todavía ninguna.') : either('You have no appointment ahead.', 'No tiene ninguna cita próxima.');
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:appointments', () => this.reload());
  }

  /** Whoever waits on this page for the room to open sees it open. */
  took(items) {
    clearTimeout(this.#opening);
    const soonest = Math.min(...items.map(opensIn).filter((wait) => wait > 0));
    if (soonest < DAY_MS) this.#opening = setTimeout(() => this.isConnected && this.reload(), soonest + 1_000);
  }

  node(appointment) {
    const { id, state, mode, clinician, note, startsAt, until, proposal } = appointment;
    const when = timeOf(appointment);
    const ahead = new Date(startsAt) > new Date();
    const act = (words, kind, run) => button(words, { kind, 'aria-label': `${words}: ${when}`, onclick: run });
    return record({
      title: atBeginning(when),
      tags: [stateWords(state), MODES[mode], proposal && stateWords('proposed')],
      lines: [`${either('With', 'Con')} ${clinician.name}`, proposal && either(`The practice proposes another time: ${timeOf(proposal)}. Until you accept it, your appointment stays as it is.`, `El consultorio propone otra hora: ${timeOf(proposal)}. Mientras no la acepte, su cita sigue como está.`), until && either(`Kept for you until ${theClock(until)}. Then it is offered to somebody else.`, `Se le guarda hasta ${theClock(until)}; después se ofrece a otra persona.`), note && h('span', {}, either('You wrote: ', 'Usted escribió: '), h('bdi', {}, note))],
      actions: [
        opensIn(appointment) === 0 && act(either('Join', 'Entrar'), 'small primary', () => this.#join(id)),
        ahead && ['offered', 'proposed'].includes(state) && act(either('Accept', 'Aceptar'), 'small primary', () => this.#accept(appointment)),
        proposal && act(either('Take the other time', 'Tomar la otra hora'), 'small primary', () => this.#accept({ ...appointment, ...proposal })),
        proposal && act(either('Keep this time', 'Conservar esta hora'), 'small', () => this.#decline(appointment)),
        ahead && OPEN.includes(state) && act(either('Move', 'Cambiar'), 'small', () => this.#move(appointment)),
        ahead && [...OPEN, 'offered'].includes(state) && act(state === 'offered' ? either('Decline', 'Rechazar') : either('Cancel', 'Cancelar'), 'small', () => this.#cancel(appointment)),
        ahead && OPEN.includes(state) && h('a', { class: 'button small', href: `/api/v1/portal/appointments/${id}/calendar.ics`, download: 'appointment.ics', 'aria-label': `${either('Add to calendar', 'Añadir al calendario')}: ${when}` }, either('Add to calendar', 'Añadir al calendario')),
      ],
    });
  }

  async #join(id) {
    try {
      const { url } = await api('GET', `portal/appointments/${id}/join`);
      location.assign(url);
    } catch (problem) {
      await ask({ title: either('Not open', 'No está abierta'), content: [h('p', {}, reason(problem))], confirm: FINE, cancel: null });
    }
  }

  async #accept(appointment) {
    const done = await ask({
      title: either('Take this time?', '¿Acepta esta hora?'), content: [h('p', {}, withWhom(appointment))], confirm: either('Yes, take it', 'Sí, la acepto'), cancel: BACK,
      act: () => api('POST', `portal/appointments/${appointment.id}/accept`, { body: {} }).then(() => true),
    });
    this.#after(done, either('Your appointment is confirmed.', 'Su cita está confirmada.'));
  }

  async #decline(appointment) {
    const done = await ask({
      title: either('Keep this time?', '¿Conservar esta hora?'), content: [h('p', {}, withWhom(appointment)), h('p', { class: 'hint' }, either('The practice is told that the other time does not fit.', 'Se avisa al consultorio de que la otra hora no le conviene.'))],
      confirm: either('Yes, keep it', 'Sí, conservarla'), cancel: BACK,
      act: () => api('POST', `portal/appointments/${appointment.id}/decline`, { body: {} }).then(() => true),
    });
    this.#after(done, either('Your appointment stays as it was.', 'Su cita sigue como estaba.'));
  }

  /** What the practice says about giving it up now. */
  async #price({ state, startsAt }, moving) {
    const rules = await terms;
    if (!rules) return { words: [] };
    const firm = ['confirmed', 'rescheduled'].includes(state);
    if (!rules.mayCancel && (firm || moving)) return { words: [byTelephone(either('This is done by telephone. Please call the practice', 'Esto se hace por teléfono. Por favor, llame al consultorio'), rules.phone)], closed: true };
    if (!firm) return { words: [] };
    const late = new Date(startsAt) - Date.now() < rules.windowMinutes * 60_000;
    const window = either(`Up to ${span(rules.windowMinutes)} before it begins this costs nothing.`, `Hasta ${span(rules.windowMinutes)} antes de que empiece no cuesta nada.`);
    if (rules.late === 'free' || (rules.late === 'fee' && rules.fee.amount === 0)) return { words: [] };
    if (!late) return { words: [h('p', { class: 'hint' }, window)] };
    if (rules.late === 'phoneOnly') return { words: [byTelephone(either(`It begins in less than ${span(rules.windowMinutes)}. Please call the practice`, `Empieza en menos de ${span(rules.windowMinutes)}. Por favor, llame al consultorio`), rules.phone)], closed: true };
    return {
      fee: true,
      words: [h('p', { class: 'warning' }, either(`It begins in less than ${span(rules.windowMinutes)}, so this costs ${money(rules.fee)}.`, `Empieza en menos de ${span(rules.windowMinutes)}; por eso esto cuesta ${money(rules.fee)}.`)),
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'acceptFee', required: true }), either(`I agree to pay ${money(rules.fee)}`, `Acepto pagar ${money(rules.fee)}`))],
    };
  }

  async #cancel(appointment) {
    const offered = appointment.state === 'offered';
    const { words, closed } = await this.#price(appointment, false);
    const done = await ask({
      title: offered ? either('Decline this time?', '¿Rechazar esta hora?') : either('Cancel this appointment?', '¿Cancelar esta cita?'),
      content: [h('p', {}, withWhom(appointment)), ...words],
      confirm: closed ? FINE : offered ? either('Decline', 'Rechazar') : either('Cancel the appointment', 'Cancelar la cita'), kind: closed ? 'primary' : 'danger', cancel: closed ? null : either('Keep it', 'Conservarla'),
      act: (data) => (closed ? null : giveUp(`portal/appointments/${appointment.id}/cancel`, { acceptFee: data.get('acceptFee') === 'on' })),
    });
    this.#after(done, offered ? either('Declined.', 'Rechazada.') : either('Your appointment is cancelled.', 'Su cita está cancelada.'));
  }

  async #move(appointment) {
    const { words, closed } = await this.#price(appointment, true);
    const slots = h('care-slots', { clinician: appointment.clinician.id });
    const done = await ask({
      title: either('Move this appointment', 'Cambiar esta cita'), confirm: closed ? FINE : either('Move it', 'Cambiarla'), cancel: closed ? null : either('Keep it as it is', 'Dejarla como está'),
      content: [h('p', {}, `${either('Now', 'Ahora')}: ${timeOf(appointment)}.`), ...words, ...(closed ? [] : [slots])],
      act: (data) => {
        if (closed) return null;
        if (!slots.value) throw new Error(either('Choose a time first.', 'Elija primero una hora.'));
        return giveUp(`portal/appointments/${appointment.id}/reschedule`, { startsAt: slots.value, acceptFee: data.get('acceptFee') === 'on' });
      },
    });
    this.#after(done, done?.state === 'confirmed' ? either('Your appointment is moved.', 'Su cita está cambiada.') : either('The practice will confirm the new time.', 'El consultorio confirmará la nueva hora.'));
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
    return either('You wait for nothing. When no time fits, you can ask to be told of one that becomes free.', 'No espera ninguna hora. Cuando ninguna le convenga, puede pedir que le avisen de una que quede libre.');
  }

  node({ id, clinician, mode, until }) {
    return record({
      title: `${either('A time with', 'Una hora con')} ${clinician.name}`, tags: [MODES[mode]], lines: [`${either('Until', 'Hasta el')} ${dateOf(until)}`],
      actions: [button(either('Wait no more', 'No esperar más'), { kind: 'small', 'aria-label': `${either('Wait no more for a time with', 'No esperar más una hora con')} ${clinician.name}`, onclick: () => this.confirm({
        title: either('Wait no more?', '¿No esperar más?'), content: [h('p', {}, either('You will not be told of times that become free.', 'No se le avisará de horas que queden libres.'))], confirm: either('Wait no more', 'No esperar más'), cancel: BACK, act: () => api('DELETE', `portal/appointments/waitlist/${id}`),
      }) })],
    });
  }
}

customElements.define('care-own-waitlist', OwnWaitlist);
