// Owns: the whole practice's billing at a glance: how old debts are, what waits to be charged, the export.

import { api } from './api.js';
import { charge, setFree } from './billing-acts.js';
import { field } from './dialog.js';
import { button, h } from './dom.js';
import { money } from './money.js';
import { orSay } from './or-say.js';
import { instant, record, Records } from './records.js';
import { say } from './toast.js';

const AGES = { current: '0–30', over30: '31–60', over60: '61–90', over90: 'Over 90' };

class Aging extends Records {
  empty = 'Nobody owes anything.';
  #total = h('dl', { class: 'facts' });

  get path() {
    return 'ehr/billing/aging';
  }

  connectedCallback() {
    this.append(this.#total);
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
  }

  took(items, { total, currency }) {
    const facts = [...Object.entries(AGES).map(([name, words]) => [`${words} days`, total[name]]), ['To clients’ credit', total.credit], ['Together', total.balance]];
    this.#total.replaceChildren(...facts.flatMap(([words, amount]) => [h('dt', {}, words), h('dd', {}, money(amount, currency))]));
  }

  node(one) {
    const { currency } = one;
    const ages = Object.entries(AGES).filter(([name]) => one[name] > 0).map(([name, words]) => `${words} days: ${money(one[name], currency)}`);
    return record({
      title: h('bdi', {}, one.name), tags: [one.balance < 0 ? `${money(-one.balance, currency)} credit` : money(one.balance, currency)], lines: [ages.join(' · ')],
      actions: [h('a', { class: 'button small', href: `/ehr/billing/clients/${one.id}`, 'aria-label': `Account of ${one.name}` }, 'Account')],
    });
  }
}

customElements.define('care-aging', Aging);

class ToCharge extends Records {
  empty = 'Everything that took place is charged.';
  #all = button('Charge all that have an amount', { kind: 'primary', hidden: true, onclick: () => this.#chargeAll() });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  get path() {
    return 'ehr/billing/to-charge';
  }

  connectedCallback() {
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
    this.append(this.#failure, h('div', {}, this.#all));
  }

  took(items) {
    // What has an amount may be on a page that was not read yet.
    this.#all.hidden = items.length === 0;
  }

  node({ client, clinician, appointment, startsAt, minutes, isLateFee, amount, description, code, currency }) {
    return record({
      title: h('bdi', {}, client.name), tags: [amount === null ? 'No amount' : money(amount, currency), isLateFee && 'Late fee'],
      lines: [h('span', {}, instant(startsAt), `, ${minutes} minutes with `, h('bdi', {}, clinician.name)), description && `${code} · ${description}`],
      actions: [
        !isLateFee && amount === null && button('Charge', { kind: 'small', 'aria-label': `Charge ${client.name}`, onclick: async () => {
          const { fees } = await api('GET', 'ehr/billing/settings');
          await charge({ client: client.id, currency, fees, due: appointment });
        } }),
        !isLateFee && button('Free', { kind: 'small', 'aria-label': `Free: the appointment of ${client.name}`, onclick: () => orSay({ failure: this.#failure }, () => setFree(appointment, true)) }),
      ],
    });
  }

  #chargeAll() {
    return orSay({ failure: this.#failure }, async () => {
      const { made } = await api('POST', 'ehr/billing/to-charge', { body: {} });
      say(made === 1 ? 'One charge was made.' : `${made} charges were made.`);
      document.dispatchEvent(new Event('care:billing'));
    });
  }
}

customElements.define('care-to-charge', ToCharge);

class Free extends Records {
  path = 'ehr/billing/free';
  empty = 'No appointment is marked as free.';
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
    this.append(this.#failure);
  }

  node({ client, clinician, appointment, startsAt, markedBy, markedAt }) {
    return record({
      title: h('bdi', {}, client.name),
      lines: [h('span', {}, instant(startsAt), ' with ', h('bdi', {}, clinician.name)), h('span', {}, 'Marked by ', h('bdi', {}, markedBy.name), ', ', instant(markedAt))],
      actions: [button('Take back', { kind: 'small', 'aria-label': `Take back: the appointment of ${client.name} is free`, onclick: () => orSay({ failure: this.#failure }, () => setFree(appointment, false)) })],
    });
  }
}

customElements.define('care-free', Free);

class Export extends HTMLElement {
  connectedCallback() {
    const today = new Date();
    const iso = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    const date = (name, value) => h('input', { type: 'date', name, value, required: true });
    // The browser asks for the file itself: nothing of it stays on the page.
    this.append(h('form', { class: 'stack', method: 'get', action: '/api/v1/ehr/billing/export' },
      h('p', { class: 'hint' }, 'Every entry that was recorded on these days, as a file of CSV. The audit log notes whose.'),
      h('div', { class: 'side-by-side' }, field('From', date('from', iso(new Date(today.getFullYear(), today.getMonth(), 1)))), field('Until', date('until', iso(today)))),
      h('div', {}, button('Export', { type: 'submit' }))));
  }
}

customElements.define('care-ledger-export', Export);
