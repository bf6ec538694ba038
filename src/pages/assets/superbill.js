// Owns: asking for a superbill of some days: one’s own, or for those who bill that of a `client`. The file comes from the hub.

import { h } from './dom.js';
import { either } from './either.js';

const asDay = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;

class Superbill extends HTMLElement {
  connectedCallback() {
    const today = new Date();
    const from = h('input', { type: 'date', name: 'from', required: true, value: asDay(new Date(today.getFullYear(), today.getMonth() - 3, 1)) });
    const until = h('input', { type: 'date', name: 'until', required: true, value: asDay(today) });
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const form = h('form', { class: 'stack' },
      h('div', { class: 'side-by-side' },
        h('label', { class: 'field' }, h('span', {}, either('First day', 'Primer día')), from),
        h('label', { class: 'field' }, h('span', {}, either('Last day', 'Último día')), until)),
      failure,
      h('div', { class: 'button-row' }, h('button', { type: 'submit', class: 'button' }, either('Download superbill', 'Descargar superbill'))));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      failure.hidden = from.value <= until.value;
      failure.textContent = failure.hidden ? '' : either('The last day is before the first one.', 'El último día es anterior al primero.');
      if (!failure.hidden) return until.focus();
      h('a', { href: `/api/v1/${this.hasAttribute('client') ? `ehr/billing/clients/${this.getAttribute('client')}` : 'portal/billing'}/superbill?${new URLSearchParams({ from: from.value, until: until.value })}`, download: '' }).click();
    });
    this.append(form);
  }
}

customElements.define('care-superbill', Superbill);
