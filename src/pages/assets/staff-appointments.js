// Owns: lists of appointments for the practice: one of them, and those to be answered.

import { acts } from './appointment-acts.js';
import { MODES, stateForStaff, timeOf } from './appointment-words.js';
import { h } from './dom.js';
import { record, Records } from './records.js';

/** An appointment as the practice sees it. */
export const appointmentNode = (appointment) => record({
  title: h('bdi', {}, appointment.client.name),
  tags: [stateForStaff(appointment.state), MODES[appointment.mode], appointment.series && 'Series', appointment.proposal && 'Other time proposed'],
  lines: [timeOf(appointment), appointment.proposal && `Proposed, not answered: ${timeOf(appointment.proposal)}`, `With ${appointment.clinician.name}`, appointment.note && h('span', { dir: 'auto' }, `“${appointment.note}”`)],
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
