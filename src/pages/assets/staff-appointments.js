// Owns: lists of appointments for the practice: one of them, those to be answered, and who waits for a time.

import { acts } from './appointment-acts.js';
import { MODES, stateWords, timeOf } from './appointment-words.js';
import { h } from './dom.js';
import { record, Records } from './records.js';

/** An appointment as the practice sees it. */
export const appointmentNode = (appointment) => record({
  title: h('bdi', {}, appointment.client.name),
  tags: [stateWords(appointment.state), MODES[appointment.mode], appointment.series && 'Series'],
  lines: [timeOf(appointment), `With ${appointment.clinician.name}`, appointment.note && h('span', { dir: 'auto' }, `“${appointment.note}”`)],
  actions: acts(appointment),
});

class StaffAppointments extends Records {
  get path() {
    const one = this.getAttribute('one');
    return one ? `ehr/appointments/${one}` : `ehr/appointments?status=${this.getAttribute('status')}&limit=100`;
  }

  get empty() {
    return 'Nobody waits for an answer.';
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:appointments', () => this.reload());
  }

  node(appointment) {
    return appointmentNode(appointment);
  }
}

customElements.define('care-staff-appointments', StaffAppointments);

class Waitlist extends Records {
  get path() {
    return 'ehr/appointments/waitlist';
  }

  get empty() {
    return 'Nobody waits for a time.';
  }

  node({ client, clinician, mode, from, until, since }) {
    const day = (at) => new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
    return record({
      title: h('bdi', {}, client.name), tags: [MODES[mode]],
      lines: [`For a time with ${clinician.name}, ${day(from)} to ${day(until)}`, `Since ${day(since)}. A time that becomes free is offered to whoever waits longest.`],
    });
  }
}

customElements.define('care-waitlist', Waitlist);
