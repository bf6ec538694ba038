// Owns: payments by card that payers dispute with their banks, as those who bill see them. Evidence goes to Stripe alone:
// nothing is sent from here.

import { h } from './dom.js';
import { money } from './money.js';
import { instant, record, Records } from './records.js';
import { exactly } from './time.js';

const STATES = {
  inquiry: 'Inquiry: answer it', inquiryUnderReview: 'Inquiry: answered', inquiryClosed: 'Inquiry closed', prevented: 'Prevented',
  needsResponse: 'Needs evidence', underReview: 'The bank decides', unknown: 'Look at Stripe', lost: 'Lost', won: 'Won',
};

/** What Stripe calls the reasons that banks name. */
const REASONS = {
  bank_cannot_process: 'The bank could not process the payment.', check_returned: 'A check was returned.',
  credit_not_processed: 'The client expected money back, and did not get it.', customer_initiated: 'The client asked for it.',
  debit_not_authorized: 'The client says that they did not allow the debit.', duplicate: 'The client says that they were charged twice.',
  fraudulent: 'The cardholder says that they did not make this payment.', general: 'The bank names no particular reason.',
  incorrect_account_details: 'The details of the account were wrong.', insufficient_funds: 'There was not enough money.',
  noncompliant: 'The bank says that its rules were not kept.', product_not_received: 'The client says that there was no service.',
  product_unacceptable: 'The client says that the service was not as agreed.', subscription_canceled: 'The client says that they had ended it.',
  unrecognized: 'The client does not recognize the payment.',
};

/** What the ledger has of it. */
const ENTERED = {
  needsResponse: 'The bank holds it: the client owes it again for now.', underReview: 'The bank holds it: the client owes it again for now.',
  lost: 'It stays taken back: the client owes it.', won: 'It counts as paid.',
  inquiry: 'Nothing was taken back yet.', inquiryUnderReview: 'Nothing was taken back yet.', inquiryClosed: 'Nothing was taken back.', prevented: 'Nothing was taken back by the bank.',
};

const why = (reason) => (reason ? REASONS[reason] ?? `Stripe names as the reason: ${reason.replaceAll('_', ' ')}.` : 'Stripe names no reason.');

function deadline(at) {
  const words = new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const due = h('time', { datetime: at, title: exactly(at) }, words);
  return h('strong', {}, new Date(at) < new Date() ? 'Evidence was due ' : 'Evidence is due ', due);
}

class Disputes extends Records {
  path = 'ehr/billing/disputes';
  empty = 'No payment is disputed.';
  #open = h('p', { hidden: true, 'data-open': true });

  connectedCallback() {
    this.append(this.#open);
    super.connectedCallback();
  }

  took(items, { open }) {
    this.#open.hidden = items.length === 0;
    this.#open.textContent = open > 1 ? `${open} are open.` : `${open === 1 ? 'One' : 'None'} is open.`;
  }

  node({ client, amount, currency, reason, state, dueAt, toldAt, closedAt, dispute }) {
    const awaits = state === 'needsResponse' || state === 'inquiry';
    return record({
      title: [h('bdi', {}, client.name), `: ${money(amount, currency)}`],
      tags: [STATES[state]],
      lines: [
        why(reason), awaits && dueAt && deadline(dueAt), ENTERED[state],
        h('span', {}, 'Told ', instant(toldAt), closedAt && ['; closed ', instant(closedAt)], `; at Stripe ${dispute}`),
      ],
      actions: [h('a', { class: 'button small', href: `/ehr/billing/clients/${client.id}`, 'aria-label': `Account of ${client.name}` }, 'Account')],
    });
  }
}

customElements.define('care-disputes', Disputes);
