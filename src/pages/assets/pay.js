// Owns: paying by card, once. One intent of a person has one key, kept in this window until the hub knows what came of it:
// through clicks, lost answers and reloads. It decides nothing about amounts: `amount` (minor units), `currency` and
// `invoice` are attributes, and the hub says what is too much.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { money } from './money.js';
import { nameOf } from './saved-cards.js';
import { answerBank, cardForm } from './stripe-card.js';

const KEPT = `carehub-payment-${document.body.dataset.userId}`;
const LOOK_EVERY = 2_000;
const LOOKS = 150;
let elements = 0;

const FAILURES = {
  declined: either('Your bank did not accept the payment. Use another card, or ask your bank.', 'Su banco no aceptó el pago. Use otra tarjeta o pregunte a su banco.'),
  insufficientFunds: either('There is not enough money on this card. Use another one.', 'No hay saldo suficiente en esta tarjeta. Use otra.'),
  expired: either('This card has expired. Use another one.', 'Esta tarjeta está vencida. Use otra.'),
  authenticationFailed: either('Your bank did not get its answer, so nothing was paid. Try again.', 'Su banco no recibió la confirmación y no se pagó nada. Inténtelo de nuevo.'),
  abandoned: either('Your bank got no answer, so nothing was paid. Try again.', 'Su banco no recibió respuesta y no se pagó nada. Inténtelo de nuevo.'),
};
const NOTHING_PAID = either('Nothing was paid. Try again, or use another card.', 'No se pagó nada. Inténtelo de nuevo o use otra tarjeta.');

class Pay extends HTMLElement {
  static observedAttributes = ['amount', 'currency'];
  #name = `pay-${++elements}`;
  #cards = h('div', { class: 'stack' });
  #said = h('p', { role: 'status' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #button = button('', { kind: 'primary', onclick: () => this.#pay() });
  #busy = false;

  connectedCallback() {
    if (this.#cards.isConnected) return;
    this.classList.add('stack');
    this.append(this.#cards, this.#said, this.#failure, h('div', {}, this.#button));
    this.#label();
    const kept = this.#kept();
    if (kept?.attempt) this.#goOn(kept);
    else this.#read();
  }

  attributeChangedCallback() {
    this.#label();
  }

  get #amount() {
    return Number(this.getAttribute('amount'));
  }

  #label() {
    const words = this.#amount > 0 ? money(this.#amount, this.getAttribute('currency') ?? 'USD') : '';
    fill(this.#button, either(`Pay ${words}`, `Pagar ${words}`));
    this.#button.disabled = this.#busy || !(this.#amount > 0) || !this.#chosen;
  }

  get #chosen() {
    return this.querySelector(`input[name="${this.#name}"]:checked`)?.value ?? null;
  }

  async #read(chosen = null) {
    fill(this.#cards, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      const { items } = await api('GET', 'portal/payments/methods');
      this.#draw(items, chosen);
    } catch (problem) {
      fill(this.#cards, h('p', {}, reason(problem)), h('div', {}, button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() })));
    }
  }

  #draw(items, chosen) {
    const first = items.some(({ id }) => id === chosen) ? chosen : items.find(({ isDefault }) => isDefault)?.id;
    const place = h('div');
    const add = () => fill(place, cardForm({
      added: (id) => { this.dispatchEvent(new CustomEvent('cards-changed', { bubbles: true })); this.#read(id); },
      cancelled: () => rest(),
    }));
    const rest = () => fill(place, button(items.length === 0 ? either('Add a card', 'Agregar una tarjeta') : either('Use another card', 'Usar otra tarjeta'), { kind: 'small', onclick: add }));
    fill(this.#cards,
      items.length > 0 && h('fieldset', { class: 'choices' }, h('legend', {}, either('By which card?', '¿Con qué tarjeta?')),
        items.map((card) => h('label', { class: 'choice' },
          h('input', { type: 'radio', name: this.#name, value: card.id, checked: card.id === first, onchange: () => this.#label() }), nameOf(card)))),
      place);
    rest();
    this.#label();
  }

  /** What is under way in this window; storage may be forbidden. */
  #kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT));
    } catch {
      return null;
    }
  }

  #keep(kept) {
    try {
      if (kept) sessionStorage.setItem(KEPT, JSON.stringify(kept));
      else sessionStorage.removeItem(KEPT);
    } catch { /* The key lives as long as the page. */ }
    this.current = kept;
  }

  async #pay() {
    if (this.#busy || !this.#chosen) return;
    const body = { amount: this.#amount, method: this.#chosen, ...(this.getAttribute('invoice') && { invoice: this.getAttribute('invoice') }) };
    const wanted = JSON.stringify(body);
    // The same wish again has the same key; another wish has another.
    const before = this.current ?? this.#kept();
    const kept = before?.wanted === wanted ? before : { key: crypto.randomUUID(), wanted };
    this.#keep(kept);
    await this.#working(either('Paying…', 'Pagando…'), async () => {
      let attempt;
      try {
        attempt = await api('POST', 'portal/payments/process', { body, key: kept.key });
      } catch (problem) {
        // Whether it arrived is not known: the key stays, so that paying again pays once.
        if (!problem.passing) this.#keep(null);
        throw problem;
      }
      this.#keep({ ...kept, attempt: attempt.id });
      await this.#follow(attempt);
    });
  }

  /** After the page was loaded again in the middle of a payment. */
  async #goOn(kept) {
    await this.#working(either('Looking what became of your payment…', 'Mirando qué pasó con su pago…'), async () => {
      try {
        await this.#follow(await api('GET', `portal/payments/attempts/${kept.attempt}`, { automatic: true }));
      } catch (problem) {
        if (!problem.passing) this.#keep(null);
        throw problem;
      }
    });
    this.#read();
  }

  async #working(words, act) {
    this.#busy = true;
    this.#label();
    this.#failure.hidden = true;
    this.#said.textContent = words;
    try {
      await act();
    } catch (problem) {
      this.#said.textContent = '';
      this.#fail(problem.passing
        ? either('It is not known whether your payment arrived. Pay again: it is taken once.', 'No se sabe si su pago llegó. Pague otra vez: se cobra una sola vez.')
        : reason(problem));
    } finally {
      this.#busy = false;
      this.#label();
    }
  }

  #fail(words) {
    this.#failure.textContent = words;
    this.#failure.hidden = false;
  }

  async #follow(first) {
    let attempt = first;
    let asked = false;
    for (let look = 0; look < LOOKS && this.isConnected; look += 1) {
      if (attempt.state === 'succeeded') return this.#done(attempt);
      if (attempt.state === 'failed' || attempt.state === 'cancelled') {
        this.#keep(null);
        this.#said.textContent = '';
        return this.#fail(FAILURES[attempt.failure] ?? NOTHING_PAID);
      }
      if (attempt.state === 'requiresAction' && attempt.authentication && !asked) {
        asked = true;
        this.#said.textContent = either('Your bank asks you to confirm the payment.', 'Su banco le pide que confirme el pago.');
        await answerBank(attempt.authentication);
      } else {
        this.#said.textContent = either('Your payment is under way. You may leave this page; it is finished without you.', 'Su pago está en camino. Puede salir de esta página; se completa sin usted.');
        await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY); });
      }
      attempt = await api('GET', `portal/payments/attempts/${attempt.id}`, { automatic: true });
    }
  }

  #done(attempt) {
    this.#keep(null);
    this.#said.textContent = either(`Thank you. ${money(attempt.amount, attempt.currency)} was paid.`, `Gracias. Se pagaron ${money(attempt.amount, attempt.currency)}.`);
    this.dispatchEvent(new CustomEvent('paid', { bubbles: true, detail: attempt }));
  }
}

customElements.define('care-pay', Pay);
