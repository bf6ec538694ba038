// Owns: handing somebody a copy of a record as a file. It passes from the call to the file without being shown or
// kept; whoever may have it is decided, and noted, by the hub.

import { fileOf } from './api.js';
import { button, h } from './dom.js';
import { keep } from './download.js';
import { either, reason } from './either.js';
import { withRecent } from './recent.js';

class Export extends HTMLElement {
  #said = h('p', { role: 'status', class: 'done' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(h('div', {}, button(either('Make a copy', 'Hacer una copia'), { icon: 'down', onclick: () => this.#make() })), this.#said, this.#failure);
  }

  async #make() {
    this.#failure.hidden = true;
    this.#said.textContent = either('Gathering everything…', 'Reuniendo todo…');
    try {
      const record = await withRecent(() => this.#fetch());
      keep(record.content, 'carehub-record.zip');
      this.#said.textContent = either('The copy is in your downloads.', 'La copia está en sus descargas.');
    } catch (problem) {
      this.#said.textContent = '';
      this.#failure.textContent = reason(problem);
      this.#failure.hidden = problem.code === 'cancelled';
    }
  }

  #fetch() {
    return fileOf(this.getAttribute('method') ?? 'POST', `${this.getAttribute('path')}?format=zip`, { body: {} });
  }
}

customElements.define('care-export', Export);
