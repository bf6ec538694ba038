// Owns: the client's lists of billing: charges, statements, payments, every change of the account.

import { CHANGES, CHARGE_STATES, INVOICE_STATES, LIST_WORDS, day, month } from './billing-words.js';
import { h } from './dom.js';
import { either, reason, when } from './either.js';
import { money } from './money.js';
import { record, Records } from './records.js';
import { nameOf } from './saved-cards.js';

class BillingRecords extends Records {
  get words() {
    return { ...LIST_WORDS, why: reason };
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('paid', this.#again);
  }

  disconnectedCallback() {
    document.removeEventListener('paid', this.#again);
  }

  #again = () => this.reload();
}

class Charges extends BillingRecords {
  get path() {
    return 'portal/billing/charges';
  }

  get empty() {
    return either('There are no charges yet.', 'Todavía no hay cargos.');
  }

  node({ on, code, description, clinician, units, amount, open, state, currency }) {
    return record({
      title: [money(amount, currency), ' ', h('bdi', {}, description)],
      tags: [CHARGE_STATES[state]],
      lines: [
        [day(on), clinician, code && `CPT ${code}`, units > 1 && either(`${units} units`, `${units} unidades`)].filter(Boolean).join(', '),
        open > 0 && open < amount && either(`${money(open, currency)} is not paid yet.`, `Faltan ${money(open, currency)} por pagar.`),
      ],
    });
  }
}

class Invoices extends BillingRecords {
  get path() {
    return 'portal/billing/invoices';
  }

  get empty() {
    return either('There are no invoices yet.', 'Todavía no hay facturas.');
  }

  node({ id, number, status, issuedOn, dueOn, total, open, currency }) {
    const name = either(`Invoice No. ${number}`, `Factura n.º ${number}`);
    return record({
      title: [h('a', { href: `/portal/billing/invoices/${id}` }, name), ' ', money(total, currency)],
      tags: [INVOICE_STATES[status]],
      lines: [
        either(`Issued on ${day(issuedOn)}, due on ${day(dueOn)}`, `Emitida el ${day(issuedOn)}, vence el ${day(dueOn)}`),
        open > 0 && open < total && either(`${money(open, currency)} is not paid yet.`, `Faltan ${money(open, currency)} por pagar.`),
      ],
      actions: [h('a', { class: 'button small', href: `/api/v1/portal/billing/invoices/${id}/pdf`, download: '', 'aria-label': either(`PDF of invoice No. ${number}`, `PDF de la factura n.º ${number}`) }, 'PDF')],
    });
  }
}

class Statements extends BillingRecords {
  get path() {
    return 'portal/billing/statements';
  }

  get empty() {
    return either('There are no statements yet.', 'Todavía no hay estados de cuenta.');
  }

  node({ month: name, opening, added, takenOff, closing, isOver, currency }) {
    const shown = month(name);
    return record({
      title: h('a', { href: `/portal/billing/statements/${name}` }, shown),
      tags: [!isOver && either('Not over yet', 'Aún no termina')],
      lines: [
        either(`Opening balance ${money(opening, currency)}, closing balance ${money(closing, currency)}`, `Saldo inicial ${money(opening, currency)}, saldo final ${money(closing, currency)}`),
        either(`${money(added, currency)} added, ${money(-takenOff, currency)} taken off`, `${money(added, currency)} en cargos, ${money(-takenOff, currency)} en pagos y correcciones`),
      ],
      actions: [h('a', { class: 'button small', href: `/api/v1/portal/billing/statements/${name}/pdf`, download: '', 'aria-label': either(`PDF of ${shown}`, `PDF de ${shown}`) }, 'PDF')],
    });
  }
}

const MEANS = {
  card: either('Card', 'Tarjeta'),
  cash: either('Cash', 'Efectivo'),
  cheque: either('Check', 'Cheque'),
  transfer: either('Bank transfer', 'Transferencia'),
  other: either('Other', 'Otro medio'),
};

const paidBy = (method) => (method.kind === 'card' && method.brand ? nameOf(method) : MEANS[method.kind]);

class Payments extends BillingRecords {
  get path() {
    return 'portal/billing/payments';
  }

  get empty() {
    return either('There are no payments yet.', 'Todavía no hay pagos.');
  }

  node({ id, at, amount, givenBack, onItsWayBack, method, currency }) {
    return record({
      title: money(amount, currency),
      tags: [givenBack > 0 && (givenBack === amount ? either('Given back', 'Devuelto') : either('Partly given back', 'Devuelto en parte'))],
      lines: [`${when(at)}, ${paidBy(method)}`, givenBack > 0 && either(`${money(givenBack, currency)} went back.`, `Se devolvieron ${money(givenBack, currency)}.`),
        onItsWayBack > 0 && either(`${money(onItsWayBack, currency)} is on its way back to you. Banks take some days.`, `${money(onItsWayBack, currency)} van de vuelta a usted. Los bancos tardan unos días.`)],
      actions: [h('a', { class: 'button small', href: `/api/v1/portal/payments/receipt/${id}`, download: '', 'aria-label': either(`Receipt for ${money(amount, currency)} of ${when(at)}`, `Recibo de ${money(amount, currency)} del ${when(at)}`) }, either('Receipt', 'Recibo'))],
    });
  }
}

class AccountHistory extends BillingRecords {
  get path() {
    return 'portal/payments/history';
  }

  get empty() {
    return either('Nothing has happened on this account yet.', 'Todavía no hay movimientos en esta cuenta.');
  }

  node({ at, kind, what, amount, balance, currency }) {
    return record({
      title: [money(amount, currency), ' ', what ? h('bdi', {}, what) : CHANGES[kind]],
      tags: [what && CHANGES[kind]],
      lines: [when(at), either(`Balance after it: ${money(balance, currency)}`, `Saldo después: ${money(balance, currency)}`)],
    });
  }
}

customElements.define('care-own-charges', Charges);
customElements.define('care-own-invoices', Invoices);
customElements.define('care-statements', Statements);
customElements.define('care-own-payments', Payments);
customElements.define('care-account-history', AccountHistory);
