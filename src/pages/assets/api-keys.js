// Owns: keys with which other programs call the API: the list, making one, ending one. A key is shown once, in the
// dialog that follows its making, and is kept nowhere on the page.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { instant, record, Records } from './records.js';

const SCOPES = { findPeople: 'look up clients and colleagues by name', readUsers: 'list everybody who has an account', readAudit: 'read the audit log' };

class ApiKeys extends Records {
  empty = 'There are no keys. No other program can call the API.';
  path = 'admin/api-keys';

  connectedCallback() {
    super.connectedCallback();
    const form = document.querySelector('care-form[data-api-key]');
    form.prepare = (body) => this.#asked(form.form, body);
    form.addEventListener('done', ({ detail }) => this.#made(detail));
  }

  #asked(form, { expiresOn, ...body }) {
    const scopes = [...form.querySelectorAll('[data-scope]:checked')].map(({ dataset }) => dataset.scope);
    // The whole of the last day, where its maker is.
    return { ...body, scopes, expiresAt: new Date(`${expiresOn}T23:59:59`).toISOString() };
  }

  async #made({ secret, name }) {
    const said = h('p', { role: 'status', class: 'hint' });
    await ask({
      title: `The key “${name}” is made`,
      content: [
        h('p', {}, 'Copy it now into the program that needs it. It is never shown again.'),
        h('p', {}, h('code', { class: 'secret' }, secret)),
        h('div', {}, button('Copy', { kind: 'small', onclick: () => navigator.clipboard.writeText(secret).then(() => { said.textContent = 'Copied.'; }, () => { said.textContent = 'Copying is not possible here. Please select it by hand.'; }) })),
        said,
      ],
      confirm: 'I have copied it',
      cancel: null,
    });
    this.reload();
  }

  node({ id, name, scopes = [], createdAt, expiresAt, lastUsedAt, revokedAt }) {
    const over = revokedAt || (expiresAt && Date.parse(expiresAt) < Date.now());
    return record({
      title: name,
      tags: [revokedAt ? 'Ended' : over && 'Expired'],
      lines: [
        `May ${scopes.map((scope) => SCOPES[scope] ?? scope).join(', ')}`,
        h('span', {}, 'Made ', instant(createdAt), expiresAt ? [', works until ', instant(expiresAt)] : '', lastUsedAt ? [', last used ', instant(lastUsedAt)] : ', never used'),
      ],
      actions: [!over && button('End', { kind: 'small', 'aria-label': `End the key ${name}`, onclick: () => this.confirm({
        title: `End the key “${name}”?`,
        content: [h('p', {}, 'The program that uses it is refused within seconds. This cannot be taken back; a new key can be made.')],
        confirm: 'End it',
        kind: 'danger',
        act: () => api('DELETE', `admin/api-keys/${id}`),
      }) })],
    });
  }
}

customElements.define('care-api-keys', ApiKeys);
