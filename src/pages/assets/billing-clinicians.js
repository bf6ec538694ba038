// Owns: what superbills say of clinicians.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { record, Records } from './records.js';
import { say } from './toast.js';

class Clinicians extends Records {
  path = 'ehr/billing/clinicians';
  empty = 'Nobody sees clients yet.';

  node(one) {
    const { name, npi, licence, credentials } = one;
    return record({
      title: h('bdi', {}, [name, credentials].filter(Boolean).join(', ')), tags: [!npi && 'No NPI'],
      lines: [[npi && `NPI ${npi}`, licence && `Licence ${licence}`].filter(Boolean).join(' · ')],
      actions: [button('Change', { kind: 'small', 'aria-label': `Change ${name}`, onclick: () => this.#change(one) })],
    });
  }

  async #change({ id, name, npi, licence, credentials }) {
    const input = (of, value, maxlength, more = {}) => h('input', { name: of, value: value ?? '', maxlength, autocomplete: 'off', ...more });
    const done = await ask({
      title: name, confirm: 'Save',
      content: [
        field('NPI', input('npi', npi, 10, { inputmode: 'numeric' }), 'Ten digits.'),
        field('Licence', input('licence', licence, 120)),
        field('After the name', input('credentials', credentials, 120), 'Such as PhD or LCSW.'),
      ],
      act: (data) => api('PUT', `ehr/billing/clinicians/${id}`, { body: Object.fromEntries([...data].map(([of, value]) => [of, value.trim() || null])) }),
    });
    if (!done) return;
    await this.reload();
    say('Saved.');
  }
}

customElements.define('care-billing-clinicians', Clinicians);
