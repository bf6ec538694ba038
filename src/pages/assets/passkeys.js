// Owns: the list of one's passkeys, adding one and removing one. What a passkey proves is judged by the hub.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { either } from './either.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant, record, Records } from './records.js';
import { create, possible } from './webauthn.js';

const at = `${door}/auth/passkeys`;

class Passkeys extends Records {
  empty = either('You have no passkey yet.', 'Todavía no tiene ninguna llave de acceso.');
  path = at;

  connectedCallback() {
    super.connectedCallback();
    this.append(possible()
      ? h('div', {}, button(either('Add a passkey', 'Agregar una llave de acceso'), { onclick: () => this.#add() }))
      : h('p', { class: 'hint' }, either('This browser cannot make passkeys. A newer one can.', 'Este navegador no puede crear llaves de acceso. Uno más nuevo sí.')));
  }

  node({ id, name, createdAt, lastUsedAt }) {
    return record({
      title: name || either('Passkey', 'Llave de acceso'),
      lines: [h('span', {}, either('Added ', 'Agregada: '), instant(createdAt), lastUsedAt ? [either(', last used ', '; último uso: '), instant(lastUsedAt)] : either(', not used yet', '; sin usar todavía'))],
      actions: [button(either('Remove', 'Quitar'), { kind: 'small', 'aria-label': `${either('Remove the passkey', 'Quitar la llave de acceso')} ${name ?? ''}`, onclick: () => this.confirm({
        title: either('Remove this passkey?', '¿Quitar esta llave de acceso?'),
        content: [h('p', {}, either('It will no longer open your account. You may also want to delete it on the device that holds it.', 'Ya no abrirá su cuenta. Quizá quiera borrarla también en el dispositivo que la guarda.'))],
        confirm: either('Remove it', 'Quitarla'),
        kind: 'danger',
        act: () => withRecent(() => api('DELETE', `${at}/${id}`)),
      }) })],
    });
  }

  async #add() {
    const added = await ask({
      title: either('Add a passkey', 'Agregar una llave de acceso'),
      content: [
        h('p', {}, either('Your device or security key signs you in with your fingerprint, face or PIN. There is nothing to remember, and nothing that could be stolen from us.', 'Su dispositivo o llave de seguridad inicia la sesión con su huella, su cara o su PIN. No hay nada que recordar, ni nada que nos puedan robar.')),
        field(either('A name to know it by', 'Un nombre para reconocerla'), h('input', { name: 'name', required: true, maxlength: 60, placeholder: either('My phone', 'Mi teléfono') })),
      ],
      confirm: either('Go on', 'Continuar'),
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
