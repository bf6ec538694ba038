// Owns: trying the escalation out, and the report on what was real and what was tried. A drill calls real people by
// their real telephones; the page says so before.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { escalationPage } from './escalation-words.js';

class Drill extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(
      h('p', { class: 'hint' }, 'Calls the people of the policy as in an emergency, by the same channels. Everywhere it stands or is read out it says DRILL; no client is told.'),
      h('div', {}, button('Start a drill', { onclick: () => this.#start() })), this.#failure);
  }

  async #start() {
    const begun = await ask({
      title: 'Start a drill?',
      content: [h('p', {}, 'People who are on call now get e-mails, text messages and alarms that say DRILL, until one of them takes it.')],
      confirm: 'Start the drill',
      act: () => api('POST', 'ehr/escalations/drill', { body: {} }),
    });
    if (begun) location.assign(escalationPage((begun.escalation ?? begun).id));
  }
}

const DAY_MS = 86_400_000;
const day = (at) => new Date(at).toISOString().slice(0, 10);
const lasted = (seconds) => {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
};

class EscalationReport extends HTMLElement {
  #from = h('input', { type: 'date', name: 'from', required: true, value: day(Date.now() - 30 * DAY_MS) });
  #to = h('input', { type: 'date', name: 'to', required: true, value: day(Date.now()) });
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));

  connectedCallback() {
    const form = h('form', { class: 'side-by-side' },
      h('label', { class: 'field' }, h('span', {}, 'From'), this.#from), h('label', { class: 'field' }, h('span', {}, 'To'), this.#to));
    form.addEventListener('input', () => this.#from.value && this.#to.value && this.#read());
    form.addEventListener('submit', (event) => event.preventDefault());
    this.append(form, this.#place);
    this.#read();
  }

  async #read() {
    const from = new Date(`${this.#from.value}T00:00`).toISOString();
    const to = new Date(Date.parse(`${this.#to.value}T00:00`) + DAY_MS).toISOString();
    try {
      this.#draw(await api('GET', `ehr/escalations/report?${new URLSearchParams({ from, to })}`));
    } catch (problem) {
      fill(this.#place, h('p', {}, problem.message), button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ emergencies, drills }) {
    const rows = [
      ['How many', ({ count }) => String(count)],
      ['Taken by somebody', ({ acknowledged }) => String(acknowledged)],
      ['Nobody answered', ({ exhausted }) => String(exhausted)],
      ['Until the first was called: usually', ({ firstPage }) => lasted(firstPage?.median)],
      ['Until the first was called: at most', ({ firstPage }) => lasted(firstPage?.max)],
      ['Until somebody took it: usually', ({ acknowledgement }) => lasted(acknowledgement?.median)],
      ['Until somebody took it: at most', ({ acknowledgement }) => lasted(acknowledgement?.max)],
      ['Steps that nobody answered', ({ missedSteps }) => String(missedSteps ?? 0)],
    ];
    fill(this.#place, h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': 'Report' }, h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'In this time'), h('th', { scope: 'col' }, 'Emergencies'), h('th', { scope: 'col' }, 'Drills'))),
      h('tbody', {}, ...rows.map(([words, of]) => h('tr', {}, h('th', { scope: 'row' }, words), h('td', {}, of(emergencies)), h('td', {}, of(drills))))))));
  }
}

customElements.define('care-drill', Drill);
customElements.define('care-escalation-report', EscalationReport);
