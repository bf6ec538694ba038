// Owns: paying by card, once. One intent of a person has one key, kept in this window until the hub said what came of it:
// through clicks, lost answers and reloads; as long as that is not known, nothing else can be paid here. `attempt`: a
// payment that is under way, begun in whatever window: it is followed to its end before anything is offered. It decides
// nothing about amounts: `amount` (minor units), `currency` and `invoice` are attributes, and the hub says what is too much.

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
const UNKNOWN = either('It is not known whether your payment arrived. Try again: it is taken once.', 'No se sabe si su pago llegó. Inténtelo de nuevo: se cobra una sola vez.');

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
    const attempt = this.getAttribute('attempt');
    if (attempt) {
      this.#keep(null);
      this.#goOn(attempt);
    }
    else if (kept) this.#wonder(kept);
    else this.#read();
  }

  attributeChangedCallback() {
    this.#label();
  }

  get #amount() {
    return Number(this.getAttribute('amount'));
  }

  #label() {
    this.#button.hidden = this.hasAttribute('attempt');
    this.#button.disabled = true;
    // What is under way has the words by which it was begun.
    if (this.#busy) return;
    // What became of this one is found out before anything else is paid.
    const open = this.current;
    if (open) {
      const words = money(open.body.amount, open.currency);
      fill(this.#button, either(`Try again to pay ${words}`, `Intentar de nuevo pagar ${words}`));
      this.#button.disabled = false;
      return;
    }
    const words = this.#amount > 0 ? money(this.#amount, this.getAttribute('currency') ?? 'USD') : '';
    fill(this.#button, either(`Pay ${words}`, `Pagar ${words}`));
    this.#button.disabled = !(this.#amount > 0) || !this.#chosen;
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

  /** What was sent from this window and not answered; storage may be forbidden. */
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
    this.dispatchEvent(new CustomEvent('undecided', { bubbles: true, detail: Boolean(kept) }));
  }

  async #pay() {
    if (this.#busy || !(this.current || this.#chosen)) return;
    // Whoever tries again pays the same again, under the same key.
    const body = { amount: this.#amount, method: this.#chosen, ...(this.getAttribute('invoice') && { invoice: this.getAttribute('invoice') }) };
    const kept = this.current ?? { key: crypto.randomUUID(), body, currency: this.getAttribute('currency') ?? 'USD' };
    this.#keep(kept);
    let another = null;
    await this.#working(either('Paying…', 'Pagando…'), async () => {
      try {
        const attempt = await api('POST', 'portal/payments/process', { body: kept.body, key: kept.key });
        this.#keep(null);
        await this.#follow(attempt);
      } catch (problem) {
        // Whether it arrived is not known: the key stays.
        if (!problem.passing) this.#keep(null);
        another = problem.answer?.attempt ?? null;
        if (!another) throw problem;
      }
    });
    if (another) await this.#goOn(another);
    else if (!this.current && !this.#cards.firstChild) this.#read();
  }

  /** The page was loaded again before an answer came. */
  #wonder(kept) {
    this.#keep(kept);
    this.#fail(UNKNOWN);
    this.#label();
  }

  /** What was begun elsewhere, or before the page was loaded. */
  async #goOn(attempt) {
    fill(this.#cards);
    let over = false;
    await this.#working(either('Looking what became of your payment…', 'Mirando qué pasó con su pago…'), async () => {
      over = await this.#follow(await api('GET', `portal/payments/attempts/${attempt}`, { automatic: true }));
    });
    this.dispatchEvent(new Event('over'));
    if (over && this.#amount > 0) this.#read();
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
        ? (this.current ? UNKNOWN : either('How far your payment is cannot be asked right now. It goes on without you; look again later.', 'Ahora no se puede saber cómo va su pago. Sigue sin usted; vuelva a mirar más tarde.'))
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

  /** Whether it came to an end. */
  async #follow(first) {
    let attempt = first;
    let asked = false;
    for (let look = 0; look < LOOKS && this.isConnected; look += 1) {
      if (attempt.state === 'succeeded') {
        this.#done(attempt);
        return true;
      }
      if (attempt.state === 'failed' || attempt.state === 'cancelled') {
        this.#said.textContent = '';
        this.#fail(FAILURES[attempt.failure] ?? NOTHING_PAID);
        return true;
      }
      if (attempt.state === 'requiresAction' && attempt.authentication && !asked) {
        asked = true;
        this.#said.textContent = either('Your bank asks you to confirm the payment.', 'Su banco le pide que confirme el pago.');
        await answerBank(attempt.authentication);
      } else {
        const words = money(attempt.amount, attempt.currency);
        this.#said.textContent = either(`A payment of ${words} is being processed. You may leave this page; it is finished without you.`, `Se está procesando un pago de ${words}. Puede salir de esta página; se completa sin usted.`);
        await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY); });
      }
      attempt = await api('GET', `portal/payments/attempts/${attempt.id}`, { automatic: true });
    }
    return false;
  }

  #done(attempt) {
    this.#said.textContent = either(`Thank you. ${money(attempt.amount, attempt.currency)} was paid.`, `Gracias. Se pagaron ${money(attempt.amount, attempt.currency)}.`);
    this.dispatchEvent(new CustomEvent('paid', { bubbles: true, detail: attempt }));
  }
}

customElements.define('care-pay', Pay);
