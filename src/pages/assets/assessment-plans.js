// Owns: what is assigned to a client, assigning another instrument, and ending that. What may be assigned is the hub's to
// say; a second press is the same assignment.

import { api } from './api.js';
import { onDay } from './assessment-lists.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { uuidV7 } from './ids.js';
import { record, Records } from './records.js';
import { say } from './toast.js';

/** How often, in words. */
export function rhythm({ kind, weeks, days }) {
  if (kind === 'everyWeeks') return weeks === 1 ? 'Every week' : `Every ${weeks} weeks`;
  if (kind === 'beforeAppointments') return days === 1 ? 'One day before each appointment' : `${days} days before each appointment`;
  return 'Once';
}

class AssessmentPlans extends Records {
  get #base() {
    return `ehr/clients/${this.getAttribute('client')}`;
  }

  get path() {
    return `${this.#base}/assessment-plans`;
  }

  get empty() {
    return 'Nothing is assigned.';
  }

  connectedCallback() {
    this.append(h('div', {}, button('Assign', { kind: 'primary', onclick: () => this.#assign() })));
    super.connectedCallback();
  }

  node({ id, name, recurrence, assignedBy, assignedAt, nextAt, endedAt }) {
    return record({
      title: name,
      tags: [endedAt && 'Over'],
      lines: [
        rhythm(recurrence),
        `Assigned by ${assignedBy} on ${onDay(assignedAt)}.`,
        nextAt && `Asked again on ${onDay(nextAt)}.`,
        endedAt && `Ended on ${onDay(endedAt)}.`,
      ],
      actions: [!endedAt && button('End', { kind: 'small', 'aria-label': `End: ${name}`, onclick: () => this.#end(id, name) })],
    });
  }

  async #assign() {
    const { items } = await api('GET', 'ehr/assessments/instruments').catch((problem) => {
      say(problem.message);
      return { items: [] };
    });
    if (items.length === 0) return;
    const id = uuidV7();
    const instrument = h('select', { name: 'instrument' }, ...items.map((one) => h('option', { value: one.id }, one.name)));
    const kind = h('select', { name: 'kind', onchange: () => fit() },
      h('option', { value: 'once' }, 'Once'), h('option', { value: 'everyWeeks' }, 'Every few weeks'), h('option', { value: 'beforeAppointments' }, 'Before each appointment'));
    const number = (name, value, max) => h('input', { type: 'number', name, value, min: 1, max, required: true });
    const weeks = field('Every so many weeks', number('weeks', 2, 52));
    const days = field('Days before the appointment', number('days', 3, 14));
    const due = field('Days to answer', number('dueInDays', 7, 90));
    const fit = () => {
      weeks.hidden = kind.value !== 'everyWeeks';
      days.hidden = kind.value !== 'beforeAppointments';
      due.hidden = kind.value === 'beforeAppointments';
    };
    fit();
    const done = await ask({
      title: 'Assign an instrument',
      content: [field('Instrument', instrument), field('How often', kind), weeks, days, due,
        h('p', { class: 'hint' }, 'The client is told, and reminded a day before it is due. An answer that means danger calls your practice as any emergency does.')],
      confirm: 'Assign',
      act: async (data) => {
        const recurrence = { kind: data.get('kind') };
        if (recurrence.kind === 'everyWeeks') recurrence.weeks = Number(data.get('weeks'));
        if (recurrence.kind === 'beforeAppointments') recurrence.days = Number(data.get('days'));
        await api('POST', `${this.#base}/assessments`, { body: { id, instrument: data.get('instrument'), recurrence, dueInDays: Number(data.get('dueInDays')) } });
        return true;
      },
    });
    if (!done) return;
    say('Assigned. The client is told.');
    await this.reload();
    document.dispatchEvent(new CustomEvent('care:assessments'));
  }

  async #end(id, name) {
    const ended = await this.confirm({
      title: `End ${name}?`,
      content: [h('p', {}, 'It is not asked for again, and what waits for answers is taken back. What was answered stays.')],
      confirm: 'End it',
      done: 'Ended.',
      act: () => api('DELETE', `${this.#base}/assessment-plans/${id}`),
    });
    if (ended) document.dispatchEvent(new CustomEvent('care:assessments'));
  }
}

customElements.define('care-assessment-plans', AssessmentPlans);
