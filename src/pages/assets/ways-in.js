// Owns: the ways to sign in that need script: a passkey, and the providers that the practice has set up. Which door
// somebody stands at is read from the form beside them.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { given } from './fragment-token.js';
import { get, possible } from './webauthn.js';

/** What a provider's way back carries. */
const TICKET = 'ticket=';

class WaysIn extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #place = h('div', { class: 'stack' });

  connectedCallback() {
    this.append(this.#failure, this.#place);
    if (this.hasAttribute('ticket')) return this.#secondStep();
    if (given().startsWith(TICKET)) return this.#fromProvider(given().slice(TICKET.length));
    this.#draw();
    for (const radio of document.querySelectorAll('[name=door]')) radio.addEventListener('change', () => this.#draw());
  }

  get #door() {
    return this.getAttribute('door') ?? (document.querySelector('[name=door]:checked')?.value === 'clinician' ? 'ehr' : 'portal');
  }

  get #next() {
    return document.querySelector('input[name=next]')?.value ?? `/${this.#door}`;
  }

  async #draw() {
    const door = this.#door;
    const passkey = possible() && button('Sign in with a passkey', { icon: 'lock', onclick: () => this.#passkey() });
    fill(this.#place, passkey);
    const { items } = await api('GET', `${door}/auth/oidc`).catch(() => ({ items: [] }));
    if (door !== this.#door) return;
    fill(this.#place, passkey, items.map(({ id, name }) =>
      h('a', { class: 'button', href: `/api/v1/${door}/auth/oidc/${encodeURIComponent(id)}` }, `Sign in with ${name}`)));
  }

  /** A provider let them in, and a second step is still owed: the same page as after a password. */
  #fromProvider(ticket) {
    const hidden = (name, value) => h('input', { type: 'hidden', name, value });
    const form = h('form', { method: 'post', action: '/sign-in/second-step', hidden: true }, hidden('ticket', ticket), hidden('door', this.#door));
    document.body.append(form);
    form.submit();
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
