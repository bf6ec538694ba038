// Owns: payments of autopay and plans that could not be taken. Where there are none, it is not there.

import { h } from './dom.js';
import { money } from './money.js';
import { instant, record, Records } from './records.js';

class FailedPayments extends Records {
  path = 'ehr/billing/failed-payments';

  took(items) {
    if (items.length > 0) this.closest('section').hidden = false;
  }

  node({ client, plan, amount, currency, failures, lastTriedAt, triedAgainAt }) {
    return record({
      title: h('bdi', {}, client.name), tags: [money(amount, currency), plan ? 'Payment plan' : 'Autopay'],
      lines: [
        h('span', {}, failures === 1 ? 'Failed once, ' : `Failed ${failures} times, last `, instant(lastTriedAt)),
        triedAgainAt ? h('span', {}, 'Tried again ', instant(triedAgainAt)) : 'Not tried again: ask the client.',
      ],
      actions: [h('a', { class: 'button small', href: `/ehr/billing/clients/${client.id}`, 'aria-label': `Account of ${client.name}` }, 'Account')],
    });
  }
}

customElements.define('care-failed-payments', FailedPayments);
