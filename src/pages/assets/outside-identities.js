// Owns: accounts elsewhere (OpenID Connect) that open this one: which there are, linking and unlinking. Linking goes
// through the provider's own pages; it is never done by e-mail address.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { ask } from './dialog.js';
import { either, reason } from './either.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { record } from './records.js';
import { say } from './toast.js';

class OutsideIdentities extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #list = h('ul', { class: 'records' });

  connectedCallback() {
    this.append(this.#list, this.#failure);
    // How it went is said by the address to which the provider's pages led back, once.
    const went = new URLSearchParams(location.search).get('provider');
    if (went) history.replaceState(null, '', location.pathname);
    if (went === 'linked') say(either('Linked: from now on that account opens this one, too.', 'Vinculada: desde ahora esa cuenta también abre esta.'));
    if (went === 'taken') this.#refuse({ message: either('Not linked: that account opens another one here already, or it took too long.', 'No se vinculó: esa cuenta ya abre otra aquí, o pasó demasiado tiempo.') });
    this.#read();
  }

  async #read() {
    try {
      const { items } = await api('GET', `${door}/auth/oidc`);
      // Where the practice has set up none, there is nothing to be said about them.
      this.closest('section').hidden = items.length === 0;
      fill(this.#list, items.map((provider) => this.#node(provider)));
    } catch (problem) {
      this.closest('section').hidden = false;
      this.#refuse(problem);
    }
  }

  #node({ id, name = id, linked }) {
    return record({
      title: name,
      tags: [linked && either('Linked', 'Vinculada')],
      actions: [linked
        ? button(either('Unlink', 'Desvincular'), { kind: 'small', 'aria-label': `${either('Unlink', 'Desvincular')} ${name}`, onclick: () => this.#unlink(id, name) })
        : button(either('Link', 'Vincular'), { kind: 'small', 'aria-label': `${either('Link', 'Vincular')} ${name}`, onclick: () => this.#link(id) })],
    });
  }

  async #link(id) {
    this.#failure.hidden = true;
    try {
      const { location: address } = await withRecent(() => api('POST', `${door}/auth/oidc/${id}/link`, { body: {} }));
      location.assign(address);
    } catch (problem) {
      if (problem.code !== 'cancelled') this.#refuse(problem);
    }
  }

  async #unlink(id, name) {
    const done = await ask({
      title: either(`Unlink ${name}?`, `¿Desvincular ${name}?`),
      content: [h('p', {}, either(`${name} will no longer open your account here. Your password and passkeys still do.`, `${name} ya no abrirá su cuenta aquí. Su contraseña y sus llaves de acceso sí.`))],
      confirm: either('Unlink it', 'Desvincularla'),
      kind: 'danger',
      act: () => withRecent(() => api('DELETE', `${door}/auth/oidc/${id}/link`)).then(() => true),
    });
    if (done) this.#read();
  }

  #refuse(problem) {
    this.#failure.textContent = reason(problem);
    this.#failure.hidden = false;
  }
}

customElements.define('care-outside-identities', OutsideIdentities);
