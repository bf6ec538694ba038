// Owns: the cards that Stripe keeps for a client: showing, adding, choosing and taking them away. The hub knows of a card
// what a receipt shows.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either, language, reason } from './either.js';
import { orSay } from './or-say.js';
import { cardForm } from './stripe-card.js';

const path = 'portal/payments/methods';

/** How people know their card. */
export function nameOf({ brand, last4 }) {
  const name = brand.replaceAll('_', ' ');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} •••• ${last4}`;
}

const expiry = ({ expiresMonth, expiresYear }) =>
  either(`until ${String(expiresMonth).padStart(2, '0')}/${expiresYear}`, `hasta ${String(expiresMonth).padStart(2, '0')}/${expiresYear}`);

export class Cards extends HTMLElement {
  #list = h('ul', { class: 'records', 'aria-label': either('Saved cards', 'Tarjetas guardadas') });
  #said = h('p', { class: 'hint', role: 'status' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #place = h('div');

  connectedCallback() {
    if (this.#list.isConnected) return;
    this.append(this.#said, this.#list, this.#failure, this.#place);
    this.#rest();
    this.reload();
  }

  async reload() {
    this.#said.textContent = either('Loading…', 'Cargando…');
    try {
      const { items } = await api('GET', path);
      this.#said.textContent = items.length === 0 ? either('No card is saved.', 'No hay ninguna tarjeta guardada.') : '';
      fill(this.#list, items.map((card) => this.#row(card)));
      this.dispatchEvent(new CustomEvent('cards-changed', { bubbles: true, detail: items }));
    } catch (problem) {
      fill(this.#said, reason(problem), ' ', button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.reload() }));
    }
  }

  #row(card) {
    const name = nameOf(card);
    return h('li', { class: 'record' },
      h('span', {}, h('strong', {}, name), ' ', h('span', { class: 'hint' }, expiry(card)), card.isDefault && [' ', h('span', { class: 'tag' }, either('used first', 'se usa primero'))]),
      h('span', { class: 'button-row' },
        !card.isDefault && button(either('Use first', 'Usar primero'), { kind: 'small', 'aria-label': either(`Use ${name} first`, `Usar primero ${name}`), onclick: () => this.#do(() => api('PUT', `${path}/${card.id}/default`, { body: {} })) }),
        button(either('Take away', 'Quitar'), { kind: 'small', 'aria-label': either(`Take ${name} away`, `Quitar ${name}`), onclick: () => this.#remove(card) })));
  }

  async #remove(card) {
    const done = await ask({
      title: either(`Take ${nameOf(card)} away?`, `¿Quitar ${nameOf(card)}?`),
      content: [h('p', {}, either('Stripe forgets it. What was to be paid by it needs another card.', 'Stripe la olvida. Lo que se iba a pagar con ella necesita otra tarjeta.'))],
      confirm: either('Take it away', 'Quitarla'),
      cancel: either('Cancel', 'Cancelar'),
      language,
      act: async () => {
        try {
          await api('DELETE', `${path}/${card.id}`);
        } catch (problem) {
          throw new Error(reason(problem));
        }
        return true;
      },
    });
    if (done) this.reload();
  }

  #do(act) {
    return orSay({ failure: this.#failure }, async () => {
      await act();
      await this.reload();
    });
  }

  #rest() {
    fill(this.#place, h('div', {}, button(either('Add a card', 'Agregar una tarjeta'), { onclick: () => this.#add() })));
  }

  #add() {
    fill(this.#place, cardForm({
      added: () => { this.#rest(); this.reload(); },
      cancelled: () => { this.#rest(); this.#place.querySelector('button').focus(); },
    }));
  }
}

customElements.define('care-cards', Cards);
