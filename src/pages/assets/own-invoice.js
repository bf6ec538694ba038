// Owns: one invoice as its client reads it: what it is for, until when it is to be paid, and the way to pay it. The same
// figures as its PDF.

import { api } from './api.js';
import { CHARGE_STATES, INVOICE_STATES, day } from './billing-words.js';
import { button, fill, h } from './dom.js';
import { either, reason, when } from './either.js';
import { money } from './money.js';

class OwnInvoice extends HTMLElement {
  connectedCallback() {
    this.#read();
  }

  async #read() {
    fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      this.#draw(await api('GET', `portal/billing/invoices/${this.getAttribute('invoice')}`));
    } catch (problem) {
      const words = problem.status === 404 ? either('There is no such invoice.', 'No existe esa factura.') : reason(problem);
      fill(this, h('p', { role: 'alert' }, words), problem.passing && button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ id, number, status, issuedOn, dueOn, total, paid, open, currency, voidedAt, lines }) {
    const amount = (value) => money(value, currency);
    const figure = (value) => h('td', { class: 'figure' }, amount(value));
    const facts = [
      [either('Issued on', 'Emitida el'), day(issuedOn)], [either('Due on', 'Vence el'), day(dueOn)], [either('Total', 'Total'), amount(total)],
      ...(voidedAt ? [[either('Taken back on', 'Anulada el'), when(voidedAt)]] : [[either('Paid of it', 'Pagado'), amount(paid)], [either('Left to pay', 'Por pagar'), h('strong', {}, amount(open))]]),
    ];
    const row = ({ on, description, code, units, clinician, amount: cost, state }) => h('tr', {},
      h('td', {}, day(on)),
      h('td', {}, h('bdi', {}, description ?? either('Service', 'Servicio')), [clinician, code && `CPT ${code}`, units > 1 && either(`${units} units`, `${units} unidades`)].filter(Boolean).map((words) => `, ${words}`).join(''),
        ' ', h('span', { class: 'tag' }, CHARGE_STATES[voidedAt ? 'void' : state])),
      figure(cost));
    const heads = [either('Day', 'Fecha'), either('What', 'Concepto'), either('Amount', 'Importe')];
    const payable = open > 0 && this.hasAttribute('takes-cards');
    fill(this,
      h('div', { class: 'column-head' }, h('h2', {}, either(`Invoice No. ${number}`, `Factura n.º ${number}`), ' ', h('span', { class: 'tag' }, INVOICE_STATES[status])),
        h('a', { class: 'button small', href: `/api/v1/portal/billing/invoices/${id}/pdf`, download: '' }, either('Download as PDF', 'Descargar en PDF'))),
      h('dl', { class: 'facts' }, ...facts.flatMap(([words, value]) => [h('dt', {}, words), h('dd', {}, value)])),
      payable && h('p', {}, h('a', { class: 'button primary', href: `/portal/billing/pay?invoice=${id}` }, either(`Pay ${amount(open)}`, `Pagar ${amount(open)}`))),
      open > 0 && !payable && h('p', {}, h('a', { href: '/portal/billing' }, either('How to pay', 'Cómo pagar'))),
      voidedAt && h('p', {}, either('Your practice took this invoice back: nothing is to be paid for it.', 'Su consultorio anuló esta factura: no hay nada que pagar por ella.')),
      h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': either('What it is for', 'Conceptos') },
        h('table', { class: 'figures' },
          h('thead', {}, h('tr', {}, ...heads.map((words, at) => h('th', { scope: 'col', class: at === 2 && 'figure' }, words)))),
          h('tbody', {}, ...lines.map(row), h('tr', { class: 'total' }, h('th', { scope: 'row', colspan: 2 }, either('Total', 'Total')), figure(total))))));
  }
}

customElements.define('care-own-invoice', OwnInvoice);
