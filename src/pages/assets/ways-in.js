// Owns: the ways to sign in that need script: a passkey. Which door somebody stands at is read from the form beside
// it.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { get, possible } from './webauthn.js';

class WaysIn extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #place = h('div', { class: 'stack' });

  connectedCallback() {
    this.append(this.#failure, this.#place);
    if (this.hasAttribute('ticket')) return this.#secondStep();
    this.#draw();
  }

  get #door() {
    return this.getAttribute('door') ?? (document.querySelector('[name=door]:checked')?.value === 'clinician' ? 'ehr' : 'portal');
  }

  get #next() {
    return document.querySelector('input[name=next]')?.value ?? `/${this.#door}`;
  }

  #draw() {
    if (possible()) fill(this.#place, button('Sign in with a passkey', { icon: 'lock', onclick: () => this.#passkey() }));
  }

  #secondStep() {
    if (possible()) fill(this.#place, button('Use a passkey instead', { icon: 'lock', onclick: () => this.#passkey(this.getAttribute('ticket')) }));
  }

  async #passkey(loginTicket = null) {
    this.#failure.hidden = true;
    const at = `${this.#door}/auth/passkeys/sign-in`;
    const login = loginTicket ? { ticket: loginTicket } : {};
    try {
      const { ceremony, ...options } = await api('POST', `${at}/start`, { body: login });
      const credential = await get(options);
      await api('POST', `${at}/finish`, { body: { ...login, ceremony, credential } });
      location.assign(this.#next);
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-ways-in', WaysIn);
