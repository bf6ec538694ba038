// Owns: a client's account as staff see it: how it stands, what happened on it, and what can be done.

import { api } from './api.js';
import * as acts from './billing-acts.js';
import { button, fill, h } from './dom.js';
import { money } from './money.js';
import { orSay } from './or-say.js';
import { instant, record, Records } from './records.js';

const AGES = { current: 'Up to 30 days', over30: '31 to 60 days', over60: '61 to 90 days', over90: 'Over 90 days' };
const KINDS = {
  charge: 'Charge', chargeVoid: 'Voided charge', payment: 'Payment', adjustment: 'Correction', refund: 'Refund',
  refundFailed: 'Refund that did not arrive',   chargeback: 'Taken back by the bank', chargebackWon: 'Given again by the bank',
};
const METHODS = { card: 'by card', cash: 'in cash', cheque: 'by check', transfer: 'by transfer', other: 'in another way' };
const day = (date) => new Date(`${date}T12:00:00`).toLocaleDateString(undefined, { dateStyle: 'medium' });

class Account extends HTMLElement {
  #head = h('div', { class: 'column-head' }, h('h1', {}, 'Account'));
  #facts = h('dl', { class: 'facts' });
  #buttons = h('div', { class: 'button-row' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'hint', role: 'status' }, 'Loading…');

  connectedCallback() {
    this.append(this.#head, h('section', { class: 'card', 'aria-label': 'How the account stands' }, this.#facts, this.#buttons, this.#failure, this.#said));
    document.addEventListener('care:billing', () => this.#read());
    this.#read();
  }

  #read() {
    return orSay({ said: this.#said, failure: this.#failure }, async () => {
      const client = this.getAttribute('client');
      const [account, settings] = await Promise.all([api('GET', `ehr/billing/clients/${client}`), api('GET', 'ehr/billing/settings')]);
      this.#said.textContent = '';
      this.#show(account, settings);
    });
  }

  #show(account, { fees }) {
    const { client, currency, balance } = account;
    const amount = (value) => money(value, currency);
    fill(this.#head, h('h1', {}, 'Account of ', h('bdi', {}, client.name)));
    const facts = [
      [balance < 0 ? 'To their credit' : 'Owed', h('strong', { 'data-balance': true }, amount(Math.abs(balance)))],
      ...Object.entries(AGES).filter(([name]) => account[name] > 0).map(([name, words]) => [words, amount(account[name])]),
      ...account.underWay.map((one) => [one.automatic ? 'Being taken by card' : 'Being paid by card', `${amount(one.amount)}, since ${new Date(one.begunAt).toLocaleTimeString(undefined, { timeStyle: 'short' })}`]),
      account.notInvoiced > 0 && ['On no invoice yet', amount(account.notInvoiced)],
    ].filter(Boolean);
    fill(this.#facts, ...facts.flatMap(([words, value]) => [h('dt', {}, words), h('dd', {}, value)]));
    const at = { client: client.id, currency, balance, fees };
    if (this.#buttons.childElementCount > 0) this.#buttons.at = at;
    else this.#offer(at);
  }

  /** Once: whoever stood on a button still stands there when the account was read again. */
  #offer(at) {
    this.#buttons.at = at;
    const act = (words, run, kind) => button(words, { kind, onclick: () => run(this.#buttons.at) });
    fill(this.#buttons, act('Charge', acts.charge, 'primary'), act('Take a payment', acts.takePayment), act('Issue an invoice', acts.invoice), act('Correct', acts.adjust));
  }
}

customElements.define('care-billing-account', Account);

/** Reads again what somebody changed. */
class OfAccount extends Records {
  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:billing', () => this.reload());
  }

  get path() {
    return `ehr/billing/clients/${this.getAttribute('client')}/${this.what}`;
  }
}

class Charges extends OfAccount {
  what = 'charges';
  empty = 'Nothing was charged yet.';

  node(one) {
    const { amount, currency, units, open, voidedAt, invoice } = one;
    const state = voidedAt ? 'Void' : open === 0 ? 'Paid' : open < amount ? `${money(open, currency)} open` : 'Open';
    return record({
      title: h('bdi', {}, one.description ?? 'Charge'),
      tags: [money(amount, currency), state, one.kind === 'lateFee' && 'Late fee'],
      lines: [
        [one.code, day(one.serviceOn), units > 1 && `${units} × ${money(one.unitAmount, currency)}`, one.clinician?.name].filter(Boolean).join(' · '),
        one.diagnoses.length > 0 && `Diagnoses: ${one.diagnoses.join(', ')}`,
      ],
      actions: [!voidedAt && !invoice && button('Void', { kind: 'small', 'aria-label': `Void: ${one.description}`, onclick: () => acts.voidCharge(one) })],
    });
  }
}

customElements.define('care-charges', Charges);

/** A refund to a card that is not made yet, or failed. */
function onItsWay({ amount, state, failure, begunAt }, currency) {
  const sum = money(amount, currency);
  const words = {
    unknown: `It is not known yet whether Stripe gave ${sum} back. Carehub finds out by itself: do not refund it again. Asked for `,
    failed: {
      returned: `${sum} came back: the client’s bank did not take it. Give it back in another way. Refunded `,
      neverArrived: `Stripe was never asked to give ${sum} back: refund it again. Asked for `,
    }[failure] ?? `Stripe did not give ${sum} back: look at the payment at Stripe. Asked for `,
  }[state] ?? `${sum} is on its way to the card; banks take some days. Asked for `;
  return h('span', { class: state === 'failed' ? 'warning' : 'hint' }, words, instant(begunAt));
}

class Payments extends OfAccount {
  what = 'payments';
  empty = 'Nothing was paid yet.';

  node(one) {
    const { amount, currency, returned, method, note, refunds } = one;
    const card = method.last4 ? `Card ending in ${method.last4}` : `Paid ${METHODS[method.kind]}`;
    return record({
      title: money(amount, currency), tags: [returned > 0 && `${money(returned, currency)} went back`],
      lines: [h('span', {}, card, ', ', instant(one.occurredAt)), note && h('span', { dir: 'auto' }, note), ...refunds.map((refund) => onItsWay(refund, currency))],
      actions: [h('a', { class: 'button small', href: `/api/v1/ehr/billing/payments/${one.id}/receipt`, download: '', 'aria-label': `Receipt for ${money(amount, currency)}` }, 'Receipt'), one.refundable > 0 && button('Refund', { kind: 'small', 'aria-label': `Refund ${money(amount, currency)}`, onclick: () => acts.refund(one) })],
    });
  }
}

customElements.define('care-payments', Payments);

class Statements extends OfAccount {
  what = 'statements';
  empty = 'There is no statement yet.';

  node({ month, opening, closing, currency, isOver }) {
    const name = new Date(`${month}-15T12:00:00`).toLocaleDateString(undefined, { month: 'long', year: 'numeric' });
    return record({
      title: name, tags: [!isOver && 'Not over yet'],
      lines: [`Opening balance ${money(opening, currency)} · ${isOver ? 'closing balance' : 'balance so far'} ${money(closing, currency)}`],
      actions: [h('a', { class: 'button small', href: `/api/v1/${this.path}/${month}/pdf`, download: '', 'aria-label': `Statement of ${name} as PDF` }, 'PDF')],
    });
  }
}

customElements.define('care-client-statements', Statements);

class Ledger extends OfAccount {
  what = 'history';
  empty = 'Nothing happened yet.';

  node({ kind, what, reason, method, amount, balance, currency, at }) {
    const words = method ? `${KINDS[kind]} ${METHODS[method]}` : KINDS[kind];
    return record({
      title: words, tags: [money(amount, currency)],
      lines: [
        what && h('bdi', {}, what), reason && h('span', { dir: 'auto' }, `“${reason}”`),
        h('span', {}, instant(at), ` · ${balance < 0 ? 'to their credit' : 'owed'} after it: ${money(Math.abs(balance), currency)}`),
      ],
    });
  }
}

customElements.define('care-ledger', Ledger);
