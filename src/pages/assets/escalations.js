// Owns: the practice's list of emergencies, drills among them and marked as such. It shows what the hub lists; each
// line leads to its own page.

import { h } from './dom.js';
import { causeWords, escalationPage, progress, STATES } from './escalation-words.js';
import { connection, me } from './page.js';
import { instant, record, Records } from './records.js';

const AGAIN_MS = 400;

class Escalations extends Records {
  #form = this.querySelector('form');
  #timer = null;

  get empty() {
    return this.#form.elements.state.value === 'open' ? 'No emergency is open.' : 'No emergencies here yet.';
  }

  connectedCallback() {
    this.#form.addEventListener('input', () => this.reload());
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.reload(), AGAIN_MS);
    };
    connection.addEventListener('escalation', later);
    connection.addEventListener('synced', later);
    super.connectedCallback();
  }

  get path() {
    const state = this.#form.elements.state.value;
    return state ? `ehr/escalations?state=${state}` : 'ehr/escalations';
  }

  node(one) {
    const { id, client, drill, state, raisedAt, resolvedAt, resolvedBy } = one;
    return record({
      title: h('a', { href: escalationPage(id) }, h('bdi', {}, drill ? 'Drill' : client?.name ?? 'A client')),
      tags: [STATES[state] ?? state],
      lines: [
        causeWords(one),
        state === 'resolved'
          ? h('span', {}, 'Raised ', instant(raisedAt), ', closed ', instant(resolvedAt), resolvedBy ? ` by ${resolvedBy.name}` : '')
          : progress(one, me),
      ],
    });
  }
}

customElements.define('care-escalations', Escalations);
