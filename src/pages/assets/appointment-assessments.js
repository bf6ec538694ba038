// Owns: what a client was asked before an appointment, and the scores, beside it.

import { onDay, resultWords, STATES } from './assessment-lists.js';
import { h, icon } from './dom.js';
import { record, Records } from './records.js';

class AppointmentAssessments extends Records {
  get path() {
    return `ehr/appointments/${this.getAttribute('appointment')}/assessments`;
  }

  get empty() {
    return 'Nothing is asked before this appointment.';
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:appointments', () => this.reload());
  }

  node({ id, instrument, name, state, dueAt, closedAt, result }) {
    return record({
      title: state === 'submitted' ? h('a', { href: `/ehr/assessments/${id}` }, name) : name,
      tags: [STATES[state] ?? state],
      lines: [
        result && h('strong', {}, resultWords(result, instrument)),
        result?.dangers.length > 0 && h('span', { class: 'danger-words' }, icon('alert'), ' An answer means danger.'),
        state === 'open' ? `Due on ${onDay(dueAt)}.` : `On ${onDay(closedAt)}.`,
      ],
    });
  }
}

customElements.define('care-appointment-assessments', AppointmentAssessments);
