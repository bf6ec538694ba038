// Owns: who is on call at this moment, by layer, and where there is nobody.

import { api } from './api.js';
import { button, fill, h, icon } from './dom.js';
import { LAYERS } from './rota-words.js';
import { instant } from './records.js';

const AGAIN_MS = 60_000;

class OnCallNow extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));
  #timer = null;

  connectedCallback() {
    this.append(this.#place);
    document.addEventListener('care:rota', () => this.#read());
    this.#read();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  async #read() {
    clearTimeout(this.#timer);
    try {
      this.#draw(await api('GET', 'ehr/on-call/now', { automatic: true }));
    } catch (problem) {
      fill(this.#place, h('p', {}, problem.message), button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
    this.#timer = setTimeout(() => this.#read(), AGAIN_MS);
  }

  #draw({ layers }) {
    fill(this.#place, h('dl', { class: 'duty' }, ...layers.flatMap(({ layer, people, until }) => [
      h('dt', {}, LAYERS[layer] ?? layer),
      h('dd', {}, people.length > 0
        ? [people.map(({ name }) => name).join(' and '), until && [', until ', instant(until)]].flat()
        : h('strong', { class: 'nobody' }, icon('alert'), 'Nobody')),
    ])));
  }
}

customElements.define('care-on-call-now', OnCallNow);
