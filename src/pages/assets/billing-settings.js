// Owns: how the practice bills, as staff decide it: currency, days, what is printed, and the fee schedule.

import { api } from './api.js';
import { field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { unmark } from './fields.js';
import { decimal, minor } from './money.js';
import { orSay } from './or-say.js';

const path = 'ehr/billing/settings';

class Settings extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #rows = h('ul', { class: 'records' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #revision = 0;

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#form, this.#failure, this.#done);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(async () => {
      this.#take(await api('GET', path));
      this.#done.textContent = '';
    });
  }

  #take(settings) {
    this.#revision = settings.revision;
    const text = (name, value, maxlength) => h('input', { name, value: value ?? '', maxlength, autocomplete: 'off' });
    fill(this.#form,
      h('div', { class: 'side-by-side' },
        field('Currency', h('select', { name: 'currency' }, settings.currencies.filter((code) => !settings.currencyIsFixed || code === settings.currency).map((code) => h('option', { selected: code === settings.currency }, code))), settings.currencyIsFixed ? 'Fixed since the first charge.' : 'Of everything that is charged and paid.'),
        field('Days until an invoice is due', h('input', { name: 'dueDays', type: 'number', min: 0, max: 365, value: settings.dueDays }))),
      field('How clients pay', h('textarea', { name: 'howToPay', rows: 3, maxlength: 2000 }, settings.howToPay ?? ''), 'Clients read it where they cannot pay by card.'),
      field('Address, as it is printed', h('textarea', { name: 'address', rows: 3, maxlength: 620 }, settings.address.join('\n')), 'At most five lines.'),
      h('div', { class: 'side-by-side' }, field('Telephone', text('phone', settings.phone, 120)), field('Tax id', text('taxId', settings.taxId, 120))),
      h('h2', {}, 'Fee schedule'),
      this.#rows,
      h('div', {}, button('Add a fee', { onclick: () => this.#add() })),
      h('div', {}, button('Save', { type: 'submit', kind: 'primary' })));
    this.#rows.replaceChildren(...settings.fees.map((fee) => this.#row(fee, settings.currency)));
    this.#number();
  }

  #row(fee, currency) {
    const text = (part, value, more = {}) => h('input', { 'data-part': part, value, autocomplete: 'off', ...more });
    const row = h('li', { class: 'record' },
      h('div', { class: 'side-by-side record-words' },
        field('Code', text('code', fee.code ?? '', { maxlength: 5 })),
        field('Description', text('description', fee.description ?? '', { maxlength: 120 })),
        field('Amount', text('amount', fee.amount ? decimal(fee.amount, currency) : '', { inputmode: 'decimal', maxlength: 13 })),
        field('Minutes of appointments', text('minutes', fee.minutes ?? '', { type: 'number', min: 1, max: 480 }))),
      h('div', { class: 'record-actions' }, button('Remove', { kind: 'small', onclick: () => {
        row.remove();
        this.#number();
      } })));
    return row;
  }

  /** Fields are called by their place, as the hub names them when it refuses one. */
  #number() {
    [...this.#rows.children].forEach((row, at) => row.querySelectorAll('[data-part]').forEach((input) => { input.name = `fees.${at}.${input.dataset.part}`; }));
  }

  #add() {
    this.#rows.append(this.#row({}, this.#form.elements.currency.value));
    this.#number();
    this.#rows.lastElementChild.querySelector('input').focus();
  }

  async #save() {
    const { currency, dueDays, howToPay, address, phone, taxId } = this.#form.elements;
    const words = (input) => input.value.trim() || null;
    const fees = [...this.#rows.children].map((row) => {
      const part = (name) => row.querySelector(`[data-part=${name}]`).value.trim();
      const amount = minor(part('amount'), currency.value);
      if (amount === null) throw new Error(`Write the amount of ${part('code') || 'each fee'}, such as 150.00.`);
      return { code: part('code'), description: part('description'), amount, minutes: Number(part('minutes')) || null };
    });
    this.#take(await api('PUT', path, { body: {
      revision: this.#revision, currency: currency.value, dueDays: Number(dueDays.value), howToPay: words(howToPay),
      address: address.value.split('\n').map((line) => line.trim()).filter(Boolean), phone: words(phone), taxId: words(taxId), fees,
    } }));
    this.#done.textContent = 'Saved.';
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-billing-settings', Settings);
