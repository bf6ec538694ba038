// Owns: how much is paid: all that is owed, or is open of the invoice that the address names, or a part of it. Paying itself is pay.js's; the hub decides what is too much.

import { api } from './api.js';
import { field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { minor, money } from './money.js';
import './pay.js';

class Payment extends HTMLElement {
  connectedCallback() {
    this.#read();
  }

  async #read() {
    fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      const named = new URLSearchParams(location.search).get('invoice');
      const [balance, invoice] = await Promise.all([api('GET', 'portal/billing/balance'), named && api('GET', `portal/billing/invoices/${encodeURIComponent(named)}`)]);
      this.#draw(balance, invoice);
    } catch (problem) {
      fill(this, h('p', { role: 'alert' }, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ balance: owed, currency, takesCards, howToPay, underWay }, invoice) {
    // What is under way is followed before anything else is offered.
    const own = underWay.find(({ automatic }) => !automatic);
    if (own) return this.#follow(own, currency);
    const taken = underWay.reduce((sum, { amount }) => sum + amount, 0);
    const left = Math.max(0, owed - taken);
    if (owed > 0 && left === 0) return fill(this, h('p', { role: 'status' }, either('All that you owe is being paid right now.', 'Todo lo que debe se está pagando ahora.')));
    const balance = invoice ? Math.min(invoice.open, left) : left;
    if (invoice && balance <= 0) return fill(this, h('p', { role: 'status' }, either('Nothing is left to pay of this invoice.', 'No queda nada por pagar de esta factura.')));
    if (balance <= 0) return fill(this, h('p', { role: 'status' }, either('You owe nothing.', 'No debe nada.')));
    if (!takesCards) return fill(this, h('p', { class: 'as-written' }, howToPay ?? either('Please ask your practice how it takes payments.', 'Pregunte a su consultorio cómo acepta los pagos.')));
    const pay = h('care-pay', { amount: balance, max: balance, currency, invoice: invoice?.id, 'data-records': true });
    const all = invoice ? either(`All of invoice No. ${invoice.number}`, `Toda la factura n.º ${invoice.number}`) : either('All you owe', 'Todo lo que debe');
    const wrong = h('p', { class: 'hint', role: 'status', id: 'wrong-amount' });
    const amount = h('input', { 'aria-describedby': 'wrong-amount', inputmode: 'decimal', autocomplete: 'off', maxlength: 20 });
    const part = field(either(`Amount (${currency})`, `Importe (${currency})`), amount, either(`At most ${money(balance, currency)}.`, `Como máximo ${money(balance, currency)}.`));
    part.hidden = true;
    const choose = (whole) => {
      part.hidden = whole;
      // What is no amount, or too much, is nothing to pay.
      const wanted = whole ? balance : minor(amount.value, currency);
      const good = wanted > 0 && wanted <= balance;
      pay.setAttribute('amount', good ? wanted : 0);
      wrong.textContent = whole || good ? '' : either(`Enter an amount up to ${money(balance, currency)}.`, `Escriba un importe de hasta ${money(balance, currency)}.`);
      amount.setAttribute('aria-invalid', String(!whole && !good && amount.value.trim() !== ''));
    };
    const way = (words, whole) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'how-much', checked: whole, onchange: () => { choose(whole); if (!whole) amount.focus(); } }), words);
    amount.addEventListener('input', () => choose(false));
    const how = h('fieldset', {}, h('legend', {}, either('How much do you pay?', '¿Cuánto paga?')),
      way(`${all}: ${money(balance, currency)}`, true),
      way(either('A part of it', 'Una parte'), false));
    // Paid is paid: whoever wants to pay more begins anew, with what is owed then.
    pay.addEventListener('undecided', ({ detail: undecided }) => { how.hidden = undecided; part.hidden = undecided || how.querySelector('input').checked; });
    pay.addEventListener('paid', () => {
      how.hidden = part.hidden = wrong.hidden = true;
      pay.setAttribute('amount', 0);
    });
    fill(this, how, part, wrong, pay);
  }

  /** A payment that was begun in another window, or before this page was loaded. */
  #follow({ id, amount }, currency) {
    const words = money(amount, currency);
    const pay = h('care-pay', { attempt: id, currency, 'data-records': true });
    const again = h('p', {}, h('a', { class: 'button', href: location.pathname + location.search }, either('See what is left to pay', 'Ver lo que queda por pagar')));
    again.hidden = true;
    pay.addEventListener('over', () => { again.hidden = false; });
    fill(this, h('p', { role: 'status' }, either(`You are paying ${words} already.`, `Ya está pagando ${words}.`)), pay, again);
  }
}

customElements.define('care-payment', Payment);
