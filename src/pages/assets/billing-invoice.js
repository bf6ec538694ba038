// Owns: one invoice as staff see it: what it is for, how it stands, what was paid on it, and what can be done with it.

import { api } from './api.js';
import * as acts from './billing-acts.js';
import { STATES, dayOf } from './billing-invoices.js';
import { button, fill, h } from './dom.js';
import { money } from './money.js';
import { orSay } from './or-say.js';
import { instant } from './records.js';

const METHODS = { card: 'by card', cash: 'in cash', cheque: 'by check', transfer: 'by transfer', other: 'in another way' };

class Invoice extends HTMLElement {
  #head = h('div', { class: 'column-head' }, h('h1', {}, 'Invoice'));
  #facts = h('dl', { class: 'facts' });
  #buttons = h('div', { class: 'button-row' });
  #body = h('div', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'hint', role: 'status' }, 'Loading…');
  #invoice = null;

  connectedCallback() {
    this.append(this.#head, h('section', { class: 'card', 'aria-label': 'How it stands' }, this.#facts, this.#buttons, this.#failure, this.#said), this.#body);
    document.addEventListener('care:billing', this.#again);
    this.#again();
  }

  disconnectedCallback() {
    document.removeEventListener('care:billing', this.#again);
  }

  #again = () => orSay({ said: this.#said, failure: this.#failure }, async () => {
    this.#show(await api('GET', `ehr/billing/invoices/${this.getAttribute('invoice')}`));
    this.#said.textContent = '';
  });

  #show(invoice) {
    const { client, number, status, issuedOn, dueOn, total, paid, open, currency, voidedAt, voidReason } = invoice;
    const amount = (value) => money(value, currency);
    fill(this.#head, h('h1', {}, `Invoice No. ${number} of `, h('bdi', {}, client.name)), h('span', { class: 'tag', 'data-status': status }, STATES[status]));
    const facts = [
      ['Issued', dayOf(issuedOn)], ['Due', dayOf(dueOn)], ['Total', amount(total)],
      ...(voidedAt ? [['Voided', instant(voidedAt)], voidReason && ['Why', h('span', { dir: 'auto' }, voidReason)]]
        : [['Paid of it', amount(paid)], ['Left to pay', h('strong', { 'data-open': true }, amount(open))]]),
    ].filter(Boolean);
    fill(this.#facts, ...facts.flatMap(([words, value]) => [h('dt', {}, words), h('dd', {}, value)]));
    this.#offer(invoice);
    fill(this.#body, this.#lines(invoice), !voidedAt && this.#payments(invoice));
  }

  /** Once: whoever stood on a button still stands there when the invoice was read again. */
  #offer(invoice) {
    const first = !this.#invoice;
    this.#invoice = invoice;
    const { id, client, open, status } = invoice;
    if (first) {
      const act = (words, name, run, kind) => button(words, { kind, 'data-act': name, onclick: () => run(this.#invoice) });
      fill(this.#buttons,
        act('Take a payment', 'pay', ({ client: of, currency, open: left, id: meant }) => acts.takePayment({ client: of.id, currency, balance: left, invoice: meant }), 'primary'),
        act('Send again', 'send', acts.sendAgain),
        h('a', { class: 'button', href: `/api/v1/ehr/billing/invoices/${id}/pdf`, download: '' }, 'Print as PDF'),
        act('Void', 'void', acts.voidInvoice),
        h('a', { class: 'button', href: `/ehr/billing/clients/${client.id}` }, 'Account'));
    }
    for (const one of this.#buttons.querySelectorAll('[data-act]')) {
      const gone = one.dataset.act === 'void' ? status === 'void' : open === 0;
      if (gone && one === document.activeElement) this.#buttons.querySelector('a').focus();
      one.hidden = gone;
    }
  }

  #lines({ lines, total, currency, voidedAt }) {
    const figure = (value) => h('td', { class: 'figure' }, money(value, currency));
    const row = ({ serviceOn, description, code, units, clinician, amount, open }) => h('tr', {},
      h('td', {}, dayOf(serviceOn)),
      h('td', {}, h('bdi', {}, description ?? 'Charge'), [code && ` · ${code}`, units > 1 && ` · ${units} units`].filter(Boolean).join(''), clinician && [', ', h('bdi', {}, clinician.name)]),
      figure(amount), figure(voidedAt ? 0 : open));
    return h('section', { class: 'card', 'aria-labelledby': 'lines' }, h('h2', { id: 'lines' }, 'What it is for'),
      h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': 'Charges on this invoice' }, h('table', { class: 'figures' },
        h('thead', {}, h('tr', {}, ...['Day', 'What'].map((words) => h('th', { scope: 'col' }, words)), ...['Amount', 'Left'].map((words) => h('th', { scope: 'col', class: 'figure' }, words)))),
        h('tbody', {}, ...lines.map(row), h('tr', { class: 'total' }, h('th', { scope: 'row', colspan: 2 }, 'Total'), figure(total), h('td'))))));
  }

  #payments({ payments, paid, currency }) {
    const row = ({ amount, returned, method, occurredAt, note }) => h('li', { class: 'record' }, h('div', { class: 'record-words' },
      h('p', { class: 'record-title' }, money(amount, currency), returned > 0 && [' ', h('span', { class: 'tag' }, `${money(returned, currency)} went back`)]),
      h('p', { class: 'record-line' }, method.last4 ? `Card ending in ${method.last4}` : `Paid ${METHODS[method.kind]}`, ', ', instant(occurredAt)),
      note && h('p', { class: 'record-line', dir: 'auto' }, note)));
    return h('section', { class: 'card', 'aria-labelledby': 'paid' }, h('h2', { id: 'paid' }, 'Paid on it'),
      h('ul', { class: 'records' }, ...payments.map(row)),
      h('p', { class: 'hint' }, payments.length === 0 && paid === 0 ? 'Nothing was paid on it yet.'
        : payments.length === 0 ? 'No payment was meant for it alone: it is paid by what came in for the account, the oldest debt first.'
          : 'These payments were meant for it. What else came in for the account pays the oldest debt first.'));
  }
}

customElements.define('care-invoice', Invoice);
