// Owns: what is taken without clients being there, as those who bill see it: what failed, and a client's payment plans.

import { endPlan } from './billing-acts.js';
import { day } from './billing-words.js';
import { button, h } from './dom.js';
import { money } from './money.js';
import { instant, record, Records } from './records.js';

class FailedPayments extends Records {
  get path() {
    return 'ehr/billing/failed-payments';
  }

  get empty() {
    return 'No payment of a plan or by autopay is failing.';
  }

  connectedCallback() {
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
  }

  node({ client, plan, amount, currency, failures, lastTriedAt, triedAgainAt }) {
    return record({
      title: [h('bdi', {}, client.name), `: ${money(amount, currency)}`],
      tags: [plan ? 'Payment plan' : 'Autopay', !triedAgainAt && 'Given up'],
      lines: [
        h('span', {}, `Tried ${failures === 1 ? 'once' : `${failures} times`}, last `, instant(lastTriedAt), triedAgainAt && ['; again ', instant(triedAgainAt)]),
      ],
      actions: [h('a', { class: 'button small', href: `/ehr/billing/clients/${client.id}`, 'aria-label': `Account of ${client.name}` }, 'Account')],
    });
  }
}

const PARTS = { waiting: 'planned', trying: 'being taken', paid: 'paid', failed: 'could not be taken', dropped: 'not needed' };
const PLANS = { running: 'Running', over: 'Over', cancelled: 'Cancelled' };

class PlansOfClient extends Records {
  get path() {
    return `ehr/billing/clients/${this.getAttribute('client')}/plans`;
  }

  get empty() {
    return 'No payment plan.';
  }

  connectedCallback() {
    document.addEventListener('care:billing', () => this.reload());
    super.connectedCallback();
  }

  node({ id, total, currency, state, madeAt, methodName, parts, endedByPractice, reason }) {
    const item = record({
      title: `${money(total, currency)} in ${parts.length} parts`,
      tags: [endedByPractice ? 'Ended by the practice' : PLANS[state]],
      lines: [h('span', {}, 'The client agreed to it ', instant(madeAt), `; from ${methodName}`), reason && h('span', { dir: 'auto' }, `“${reason}”`)],
      actions: [state === 'running' && button('End the plan', { kind: 'small', onclick: () => endPlan({ id }) })],
    });
    item.querySelector('.record-words').append(h('ul', {}, ...parts.map((part) =>
      h('li', { class: 'record-line' }, `${day(part.dueOn)}: ${money(part.amount, currency)}, ${PARTS[part.state]}`))));
    return item;
  }
}

customElements.define('care-failed-payments', FailedPayments);
customElements.define('care-client-plans', PlansOfClient);
