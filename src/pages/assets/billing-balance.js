// Owns: what a client owes, in large, and what they can do about it. The figure is the hub's; nothing is reckoned here.

import { api } from './api.js';
import { day } from './billing-words.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { money } from './money.js';

class Balance extends HTMLElement {
  connectedCallback() {
    this.#read();
    document.addEventListener('paid', this.#again);
  }

  disconnectedCallback() {
    document.removeEventListener('paid', this.#again);
  }

  #again = () => this.#read();

  async #read() {
    if (!this.firstChild) fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      this.#draw(await api('GET', 'portal/billing/balance'));
    } catch (problem) {
      fill(this, h('p', { role: 'alert' }, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ balance, overdue, currency, nextDue, takesCards, howToPay, phone, planLeft, autopay, underWay }) {
    const owes = balance > 0;
    const words = balance === 0 ? either('You owe nothing.', 'No debe nada.') : owes ? either('You owe', 'Debe') : either('In your favor', 'Saldo a su favor');
    fill(this,
      h('p', { class: 'balance' }, h('span', { class: 'balance-words' }, words), balance !== 0 && [' ', h('strong', {}, money(Math.abs(balance), currency))]),
      overdue > 0 && h('p', { class: 'warning' }, either(`${money(overdue, currency)} of it is overdue.`, `De eso, ${money(overdue, currency)} está vencido.`)),
      owes && nextDue && overdue === 0 && h('p', { class: 'hint' }, either(`Due on ${day(nextDue)}.`, `Vence el ${day(nextDue)}.`)),
      planLeft > 0 && h('p', { class: 'hint' }, either(`Your payment plan will take ${money(planLeft, currency)} of it.`, `Su plan de pagos cobrará ${money(planLeft, currency)}.`), ' ', h('a', { href: '/portal/billing/plans' }, either('See the plan', 'Ver el plan'))),
      autopay && h('p', { class: 'hint' }, either('Autopay is on: each invoice is taken on the day it is due.', 'El pago automático está activado: cada factura se cobra el día en que vence.')),
      underWay.map(({ amount }) => h('p', { role: 'status' }, either(`A payment of ${money(amount, currency)} is being processed.`, `Se está procesando un pago de ${money(amount, currency)}.`))),
      underWay.some(({ automatic }) => !automatic) && h('p', {}, h('a', { href: '/portal/billing/pay' }, either('See how far it is', 'Ver cómo va'))),
      owes && takesCards && underWay.every(({ automatic }) => automatic) && h('p', {}, h('a', { class: 'button primary', href: '/portal/billing/pay' }, either('Pay now', 'Pagar ahora'))),
      !takesCards && this.#byOtherMeans(howToPay, phone));
  }

  #byOtherMeans(howToPay, phone) {
    return h('section', { class: 'stack', 'aria-label': either('How to pay', 'Cómo pagar') },
      h('h2', {}, either('How to pay', 'Cómo pagar')),
      h('p', { class: 'as-written' }, howToPay ?? either('Please ask your practice how it takes payments.', 'Pregunte a su consultorio cómo acepta los pagos.')),
      phone && h('p', {}, either('Telephone: ', 'Teléfono: '), h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone)));
  }
}

customElements.define('care-balance', Balance);
