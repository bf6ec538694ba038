// Owns: one month statement, as a table: opening balance, each change, closing balance. The same figures as its PDF.

import { api } from './api.js';
import { CHANGES, day, month } from './billing-words.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { money } from './money.js';

class Statement extends HTMLElement {
  connectedCallback() {
    this.#read();
  }

  async #read() {
    fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      this.#draw(await api('GET', `portal/billing/statements/${this.getAttribute('month')}`));
    } catch (problem) {
      const words = problem.status === 404 ? either('There is no statement of this month.', 'No hay estado de cuenta de este mes.') : reason(problem);
      fill(this, h('p', { role: 'alert' }, words), problem.passing && button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ month: name, opening, lines, closing, isOver, currency }) {
    const amount = (value) => h('td', { class: 'figure' }, money(value, currency));
    const total = (words, value) => h('tr', { class: 'total' }, h('th', { scope: 'row', colspan: 3 }, words), amount(value));
    const row = ({ on, kind, what, amount: change, balance }) => h('tr', {}, h('td', {}, day(on)), h('td', {}, what ? h('bdi', {}, what) : CHANGES[kind]), amount(change), amount(balance));
    const closes = isOver ? either('Closing balance', 'Saldo final') : either('Balance so far', 'Saldo hasta hoy');
    fill(this,
      h('div', { class: 'column-head' }, h('h2', {}, month(name)),
        h('a', { class: 'button small', href: `/api/v1/portal/billing/statements/${name}/pdf`, download: '' }, either('Download as PDF', 'Descargar en PDF'))),
      h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': either('Changes of this month', 'Movimientos de este mes') },
        h('table', { class: 'figures' },
          h('thead', {}, h('tr', {}, ...[either('Day', 'Fecha'), either('What', 'Concepto')].map((words) => h('th', { scope: 'col' }, words)),
            ...[either('Amount', 'Importe'), either('Balance', 'Saldo')].map((words) => h('th', { scope: 'col', class: 'figure' }, words)))),
          h('tbody', {}, total(either('Opening balance', 'Saldo inicial'), opening), ...lines.map(row), total(closes, closing)))),
      lines.length === 0 && h('p', { class: 'hint' }, either('Nothing changed in this month.', 'No hubo movimientos en este mes.')));
  }
}

customElements.define('care-statement', Statement);
