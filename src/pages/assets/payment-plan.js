// Owns: making a payment plan: what is chosen, the schedule that comes of it, agreeing to it. The hub works out the
// schedule; nothing is reckoned here.

import { api } from './api.js';
import { RHYTHMS, day } from './billing-words.js';
import { field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either } from './either.js';
import { unmark } from './fields.js';
import { uuidV7 } from './ids.js';
import { money } from './money.js';
import { orSay } from './or-say.js';
import { methodField, noMethod, savedMethods } from './saved-methods.js';
import { say } from './toast.js';

class NewPlan extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…'));
  #form = h('form', { class: 'stack' });
  #schedule = h('div', { class: 'stack' });
  #id = null;

  connectedCallback() {
    this.append(this.#form, this.#schedule, this.#failure, this.#said);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      fill(this.#schedule);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say(() => this.#show());
    });
    document.addEventListener('care:plans', this.#again);
    this.#again();
  }

  disconnectedCallback() {
    document.removeEventListener('care:plans', this.#again);
  }

  #say(act) {
    return orSay({ form: this.#form, said: this.#said, failure: this.#failure }, act);
  }

  #again = () => this.#say(async () => {
    const [{ balance, takesCards }, { items: plans }] = await Promise.all([api('GET', 'portal/billing/balance'), api('GET', 'portal/payments/plans')]);
    const methods = takesCards ? await savedMethods() : [];
    this.#said.textContent = '';
    fill(this.#schedule);
    const why = !takesCards ? either('Your practice does not take cards here. Ask it about paying in parts.', 'Su consultorio no acepta tarjetas aquí. Pregúntele cómo pagar a plazos.')
      : plans.some(({ state }) => state === 'running') ? either('A plan is running. Cancel it before you make another.', 'Ya hay un plan en curso. Cancélelo antes de hacer otro.')
        : balance <= 0 && either('You owe nothing, so there is nothing to plan.', 'No debe nada, así que no hay nada que planear.');
    if (why) return fill(this.#form, h('p', { class: 'hint' }, why));
    if (methods.length === 0) return fill(this.#form, noMethod());
    this.#id = uuidV7();
    const first = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    fill(this.#form,
      h('div', { class: 'side-by-side' },
        field(either('In how many parts', 'En cuántas partes'), h('input', { type: 'number', name: 'parts', min: 2, max: 24, value: 4, required: true })),
        field(either('How often', 'Cada cuánto'), h('select', { name: 'rhythm' }, ...Object.entries(RHYTHMS).map(([value, words]) => h('option', { value, selected: value === 'monthly' }, words)))),
        field(either('First payment on', 'Primer pago el'), h('input', { type: 'date', name: 'firstDueOn', value: first, required: true }))),
      methodField(methods),
      h('div', { class: 'button-row' }, h('button', { type: 'submit', class: 'button' }, either('Show the schedule', 'Ver el calendario de pagos'))));
  });

  async #show() {
    const data = new FormData(this.#form);
    const wish = { parts: Number(data.get('parts')), rhythm: data.get('rhythm'), firstDueOn: data.get('firstDueOn') };
    const { total, currency, parts, consent } = await api('GET', `portal/payments/plans/schedule?${new URLSearchParams(wish)}`);
    const agrees = h('input', { type: 'checkbox', required: true });
    const form = h('form', { class: 'stack' },
      h('h3', { tabindex: -1 }, either('Your schedule', 'Su calendario de pagos')),
      schedule(parts, currency, total),
      h('blockquote', { class: 'quoted' }, consent),
      h('label', { class: 'choice' }, agrees, either('I agree', 'Estoy de acuerdo')),
      h('div', { class: 'button-row' }, button(either('Start this plan', 'Iniciar este plan'), { kind: 'primary', type: 'submit' })));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say(() => this.#begin({ ...wish, id: this.#id, total, consent, method: data.get('method') }));
    });
    fill(this.#schedule, form);
    form.querySelector('h3').focus();
  }

  async #begin(body) {
    await api('POST', 'portal/payments/plans', { body });
    say(either('The plan has begun.', 'El plan ha comenzado.'));
    document.dispatchEvent(new CustomEvent('care:plans'));
  }
}

/** The parts of a plan as a table; `state` gives a word for each, or nothing. */
export function schedule(parts, currency, total, state = null) {
  const row = (part) => h('tr', {}, h('td', {}, String(part.number)), h('td', {}, day(part.dueOn)), h('td', { class: 'figure' }, money(part.amount, currency)), state && h('td', {}, state(part)));
  const heads = [either('Part', 'Parte'), either('Day', 'Fecha'), either('Amount', 'Importe'), state && either('State', 'Estado')].filter(Boolean);
  return h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': either('Schedule', 'Calendario de pagos') }, h('table', { class: 'figures' },
    h('thead', {}, h('tr', {}, ...heads.map((words, at) => h('th', { scope: 'col', class: at === 2 && 'figure' }, words)))),
    h('tbody', {}, ...parts.map(row), h('tr', { class: 'total' }, h('th', { scope: 'row', colspan: 2 }, either('In all', 'En total')), h('td', { class: 'figure' }, money(total, currency)), state && h('td')))));
}

customElements.define('care-new-plan', NewPlan);
