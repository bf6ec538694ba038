// Owns: lists of invoices: a client's, or the practice's by their status; what staff call their states and days.

import { voidInvoice } from './billing-acts.js';
import { field } from './dialog.js';
import { button, h } from './dom.js';
import { money } from './money.js';
import { record, Records } from './records.js';

export const STATES = { pending: 'Pending', paid: 'Paid', overdue: 'Overdue', void: 'Void' };
export const dayOf = (date) => new Date(`${date}T12:00:00`).toLocaleDateString(undefined, { dateStyle: 'medium' });

class Invoices extends Records {
  #status = this.getAttribute('status') ?? '';

  connectedCallback() {
    if (this.hasAttribute('choose')) {
      this.append(field('Show', h('select', { onchange: ({ target }) => { this.#status = target.value; this.reload(); } },
        h('option', { value: '' }, 'All'), ...Object.entries(STATES).map(([value, words]) => h('option', { value }, words)))));
    }
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
  }

  get path() {
    const client = this.getAttribute('client');
    if (client) return `ehr/billing/clients/${client}/invoices`;
    return `ehr/billing/invoices${this.#status && `?status=${this.#status}`}`;
  }

  get empty() {
    return this.#status ? 'No invoice of this kind.' : 'No invoice was issued yet.';
  }

  node(one) {
    const { client, currency } = one;
    const elsewhere = !this.hasAttribute('client');
    return record({
      title: h('span', {}, h('a', { href: `/ehr/billing/invoices/${one.id}` }, `No. ${one.number}`), elsewhere && ', ', elsewhere && h('bdi', {}, client.name)),
      tags: [STATES[one.status], money(one.total, currency)],
      lines: [
        `Issued ${dayOf(one.issuedOn)}, due ${dayOf(one.dueOn)}`,
        one.open > 0 && one.open < one.total && `${money(one.open, currency)} open`,
      ],
      actions: [
        elsewhere && h('a', { class: 'button small', href: `/ehr/billing/clients/${client.id}`, 'aria-label': `Account of ${client.name}` }, 'Account'),
        one.status !== 'void' && button('Void', { kind: 'small', 'aria-label': `Void invoice ${one.number}`, onclick: () => voidInvoice(one) }),
      ],
    });
  }
}

customElements.define('care-invoices', Invoices);
