// Owns: setting up a second step on the way in, for those who may not come in without one. The ticket of the sign-in
// opens this and nothing else.

import { api } from './api.js';
import { showCodes, steps } from './authenticator.js';
import { button, fill, h } from './dom.js';
import { orSay } from './or-say.js';

class Enrol extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #form = h('form', { class: 'stack' });

  connectedCallback() {
    this.append(this.#form, this.#failure);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#confirm());
    });
    this.#tell(() => this.#begin());
  }

  #call(path, body) {
    return api('POST', `${document.body.dataset.door}/auth/mfa/enrol${path}`, { body: { ticket: this.getAttribute('ticket'), ...body } });
  }

  async #begin() {
    fill(this.#form, steps(await this.#call('')), button('Turn it on and sign in', { kind: 'primary', type: 'submit' }));
  }

  async #confirm() {
    const { backupCodes } = await this.#call('/confirm', { code: this.#form.elements.code.value.trim() });
    await showCodes(backupCodes);
    location.assign(this.getAttribute('next') ?? `/${document.body.dataset.door}`);
  }

  #tell(act) {
    return orSay({ form: this.#form, failure: this.#failure }, act);
  }
}

customElements.define('care-enrol', Enrol);
