// Owns: the list of one's passkeys, adding one and removing one. What a passkey proves is judged by the hub.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant, record, Records } from './records.js';
import { create, possible } from './webauthn.js';

const at = `${door}/auth/passkeys`;

class Passkeys extends Records {
  empty = 'You have no passkey yet.';
  path = at;

  connectedCallback() {
    super.connectedCallback();
    this.append(possible()
      ? h('div', {}, button('Add a passkey', { onclick: () => this.#add() }))
      : h('p', { class: 'hint' }, 'This browser cannot make passkeys. A newer one can.'));
  }

  node({ id, name, createdAt, lastUsedAt }) {
    return record({
      title: name || 'Passkey',
      lines: [h('span', {}, 'Added ', instant(createdAt), lastUsedAt ? [', last used ', instant(lastUsedAt)] : ', not used yet')],
      actions: [button('Remove', { kind: 'small', 'aria-label': `Remove the passkey ${name ?? ''}`, onclick: () => this.confirm({
        title: 'Remove this passkey?',
        content: [h('p', {}, 'It will no longer open your account. You may also want to delete it on the device that holds it.')],
        confirm: 'Remove it',
        kind: 'danger',
        act: () => withRecent(() => api('DELETE', `${at}/${id}`)),
      }) })],
    });
  }

  async #add() {
    const added = await ask({
      title: 'Add a passkey',
      content: [
        h('p', {}, 'Your device or security key signs you in with your fingerprint, face or PIN. There is nothing to remember, and nothing that could be stolen from us.'),
        field('A name to know it by', h('input', { name: 'name', required: true, maxlength: 60, placeholder: 'My phone' })),
      ],
      confirm: 'Go on',
      act: async (data) => {
        const name = data.get('name').trim();
        const { ceremony, ...options } = await withRecent(() => api('POST', `${at}/register/start`, { body: {} }));
        const credential = await create(options);
        await api('POST', `${at}/register/finish`, { body: { ceremony, name, credential } });
        return true;
      },
    });
    if (added) this.reload();
  }
}

customElements.define('care-passkeys', Passkeys);
