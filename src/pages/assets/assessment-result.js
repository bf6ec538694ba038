// Owns: one assessment as those read it who look after the client: what came of it, every answer in words, and which of
// them mean danger.

import { api } from './api.js';
import { resultWords } from './assessment-lists.js';
import { button, fill, h, icon } from './dom.js';
import { instant } from './records.js';

class AssessmentResult extends HTMLElement {
  connectedCallback() {
    this.#read();
  }

  async #read() {
    fill(this, h('p', { class: 'loading', role: 'status' }, 'Loading…'));
    try {
      this.#draw(await api('GET', `ehr/assessments/${this.getAttribute('assessment')}`));
    } catch (problem) {
      const gone = problem.code === 'notFound';
      fill(this, h('div', { class: 'card' }, h('p', { role: 'alert' }, gone ? 'This assessment does not exist, or is of a client whose record is closed to you.' : problem.message),
        gone ? h('a', { class: 'button', href: '/ehr/assessments' }, 'Assessments') : button('Try again', { kind: 'small', onclick: () => this.#read() })));
    }
  }

  #draw({ client, assessment: one }) {
    const { result } = one;
    const chosen = one.items.filter(({ id }) => id in one.answers);
    const means = ({ id, danger }) => danger !== null && one.answers[id] >= danger;
    fill(this,
      h('div', { class: 'column-head' }, h('h1', {}, `${one.name} of `, h('bdi', {}, client.name)), h('a', { class: 'button', href: `/ehr/clients/${client.id}/assessments` }, 'All of this client')),
      h('section', { class: 'card', 'aria-labelledby': 'result' },
        h('h2', { id: 'result' }, 'Result'),
        result ? h('p', {}, h('strong', {}, resultWords(result, one.instrument))) : h('p', {}, one.state === 'open' ? 'Not submitted yet.' : 'It was not submitted.'),
        one.closedAt && h('p', { class: 'hint' }, one.state === 'submitted' ? 'Submitted ' : 'Closed ', instant(one.closedAt), '.'),
        chosen.some(means) && h('p', { class: 'warning' }, icon('alert'), ' An answer means danger. ', one.escalation && h('a', { href: `/ehr/escalations/${one.escalation}` }, 'The emergency that it raised')),
        result?.parts.length > 0 && h('dl', { class: 'facts' }, ...result.parts.flatMap(({ code, name, score, most }) => [h('dt', {}, `${code}: ${name}`), h('dd', {}, `${score} of ${most}`)])),
        h('p', { class: 'hint' }, 'A score is a measure, not a diagnosis.')),
      chosen.length > 0 && h('section', { class: 'card', 'aria-labelledby': 'answers' },
        h('h2', { id: 'answers' }, 'Answers'),
        h('p', { class: 'hint' }, one.instruction),
        h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': 'All answers' }, h('table', {},
          h('thead', {}, h('tr', {}, ...['Question', 'Answer', 'Value'].map((words) => h('th', { scope: 'col' }, words)))),
          h('tbody', {}, ...chosen.map((item) => h('tr', {},
            h('th', { scope: 'row' }, `${item.id}. ${item.text}`),
            h('td', {}, item.choices[one.answers[item.id]], means(item) && h('span', { class: 'danger-words' }, ' ', icon('alert'), ' means danger')),
            h('td', {}, String(one.answers[item.id]))))))),
        h('p', { class: 'hint' }, `${one.attribution} Version ${one.version}.`)));
  }
}

customElements.define('care-assessment', AssessmentResult);
