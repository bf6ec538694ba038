// Owns: reading the practice's audit log, filtered. What is shown is what was written down; looking is written down,
// too, and the page says so.

import { actionCode, actions, actionWords } from './audit-words.js';
import { h } from './dom.js';
import { instant, record, Records } from './records.js';

const ROLES = { staff: 'front desk', admin: 'administrator', key: 'a key of another program', hub: 'Carehub itself' };

class AuditLog extends Records {
  empty = 'Nothing was noted that fits.';
  #form = null;
  /** `actor` or `client`, with an id: only what this person did, or what happened to their record. */
  #about = [...new URLSearchParams(location.search)].find(([name]) => name === 'actor' || name === 'client');

  connectedCallback() {
    this.#form ??= this.querySelector('form');
    this.#form.querySelector('datalist').replaceChildren(...actions.map(([, words]) => h('option', { value: words })));
    if (this.#about) this.#form.before(h('p', { class: 'hint' }, 'Only about one person. ', h('a', { href: location.pathname }, 'Show everything')));
    // Each look is noted: it is asked for, and never follows the keys.
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.reload();
    });
    super.connectedCallback();
  }

  get path() {
    const { action, from, to } = this.#form.elements;
    const query = new URLSearchParams(this.#about && [this.#about]);
    if (action.value.trim()) query.set('action', actionCode(action.value.trim()));
    if (from.value) query.set('from', new Date(`${from.value}T00:00:00`).toISOString());
    if (to.value) query.set('to', new Date(`${to.value}T23:59:59.999`).toISOString());
    return `admin/audit?${query}`;
  }

  node({ at, action, outcome, actorName, actorRole, clientName, client, objectKind, object, address, emergency, detail }) {
    return record({
      title: actionWords(action),
      tags: [outcome !== 'done' && outcome !== 'success' && outcome, emergency && 'Emergency access'],
      lines: [
        h('span', {}, 'By ', h('bdi', {}, actorName ?? (actorRole ? 'Carehub' : 'somebody who was not signed in')), actorRole ? `, ${ROLES[actorRole] ?? actorRole}` : '', address ? ` from ${address}` : '', ', ', instant(at)),
        client && h('span', {}, 'About ', h('bdi', {}, clientName ?? client)),
        h('span', { class: 'hint' }, h('code', {}, action), object && ` ${objectKind} ${object}`, detail && Object.keys(detail).length > 0 && [' ', h('code', {}, JSON.stringify(detail))]),
      ],
    });
  }
}

customElements.define('care-audit-log', AuditLog);
