// Owns: the dialogs in which staff change an account. Each carries an id made when it opens, so that what is sent again
// is done once. They decide nothing: the hub says what is too much.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { uuidV7 } from './ids.js';
import { decimal, minor, money, step } from './money.js';
import { say } from './toast.js';

const METHODS = { cash: 'Cash', cheque: 'Check', transfer: 'Bank transfer', other: 'Another way' };

/** Everything on the page that shows an account reads it again. */
const changed = () => document.dispatchEvent(new Event('care:billing'));

const amountField = (words, currency, value = '', hint = null) => field(`${words} (${currency})`,
  h('input', { name: 'amount', inputmode: 'decimal', required: true, autocomplete: 'off', maxlength: 13, value, 'data-step': step(currency) }), hint);
const reasonField = () => field('Reason', h('textarea', { name: 'reason', rows: 2, required: true, maxlength: 500 }), 'Clients do not see it.');

function amountOf(data, currency) {
  const amount = minor(data.get('amount'), currency);
  if (!amount) throw new Error('Write an amount, such as 120.00.');
  return amount;
}

async function perform({ title, confirm, kind, content, path, done, body }) {
  const key = uuidV7();
  const answer = await ask({ title, confirm, kind, content, act: async (data) => (await api('POST', `ehr/billing/${path}`, { body: body(data), key })) ?? {} });
  if (!answer) return;
  say(typeof done === 'string' ? done : done(answer, key));
  changed();
}

/** Charges a client; `due` is an appointment that waits for it. `fees` are those of the schedule. */
export function charge({ client, currency, fees = [], due = null }) {
  const code = h('input', { name: 'code', maxlength: 5, autocomplete: 'off', list: 'fee-codes' });
  const description = h('input', { name: 'description', required: true, maxlength: 200, autocomplete: 'off' });
  const amount = amountField('Amount of one unit', currency);
  code.addEventListener('change', () => {
    const fee = fees.find((one) => one.code === code.value.trim().toUpperCase());
    if (!fee) return;
    description.value = fee.description;
    amount.querySelector('input').value = decimal(fee.amount, currency);
  });
  const words = (data, name) => String(data.get(name) ?? '').trim() || null;
  return perform({
    title: 'Charge the client', confirm: 'Charge', path: `clients/${client}/charges`, done: 'Charged.',
    content: [
      h('datalist', { id: 'fee-codes' }, ...fees.map((fee) => h('option', { value: fee.code }, fee.description))),
      field('Code of CPT or HCPCS', code, 'Left empty: something else than a service.'),
      field('Description', description, 'Clients read it.'),
      h('div', { class: 'side-by-side' }, amount, field('Units', h('input', { name: 'units', type: 'number', min: 1, max: 999, value: 1, required: true }))),
      !due && field('Day of the service', h('input', { name: 'serviceOn', type: 'date' }), 'Left empty: today.'),
      field('Diagnoses', h('input', { name: 'diagnoses', autocomplete: 'off', maxlength: 120 }), 'Codes of ICD-10 with commas between them, such as F41.1. Printed on superbills.'),
    ].filter(Boolean),
    body: (data) => ({
      code: words(data, 'code'), description: data.get('description'), unitAmount: amountOf(data, currency),
      units: Number(data.get('units')), serviceOn: words(data, 'serviceOn'), appointment: due,
      diagnoses: String(data.get('diagnoses')).split(',').map((one) => one.trim()).filter(Boolean),
    }),
  });
}

/** Takes a charge back. */
export const voidCharge = (one) => perform({
  title: 'Void this charge?', confirm: 'Void the charge', kind: 'danger', path: `charges/${one.id}/void`, done: 'Voided.',
  content: [h('p', {}, `${one.description ?? 'The charge'}: ${money(one.amount, one.currency)} will no longer be owed. The history keeps both.`), reasonField()],
  body: (data) => ({ reason: data.get('reason') }),
});

/** Records what was taken by hand; for an `invoice`, where one is named. */
export const takePayment = ({ client, currency, balance, invoice: meant = null }) => perform({
  title: 'Take a payment', confirm: 'Record the payment', path: `clients/${client}/payments`, done: 'Payment recorded. The client is told.',
  content: [
    amountField('Amount', currency, balance > 0 ? decimal(balance, currency) : '', `Owed: ${money(Math.max(balance, 0), currency)}`),
    field('How', h('select', { name: 'method' }, ...Object.entries(METHODS).map(([value, words]) => h('option', { value }, words)))),
    field('Note', h('input', { name: 'note', maxlength: 200, autocomplete: 'off' }), 'Such as the number of a check. Clients do not see it.'),
  ],
  body: (data) => ({ amount: amountOf(data, currency), method: data.get('method'), note: data.get('note') || null, invoice: meant }),
});

/** A card gets its money later than it is asked for. */
const refunded = ({ refunds }, key) => {
  const { state } = refunds.find(({ id }) => id === key) ?? {};
  if (state === 'unknown') return 'It is not known yet whether Stripe gave it back. Carehub finds out by itself: do not refund it again.';
  return state ? 'The refund is on its way to the card. Banks take some days.' : 'Refunded.';
};

/** Gives money back. */
export const refund = (payment) => perform({
  title: 'Refund this payment?', confirm: 'Refund', kind: 'danger', path: `payments/${payment.id}/refunds`, done: refunded,
  content: [amountField('Amount', payment.currency, decimal(payment.refundable, payment.currency), `Left of it: ${money(payment.refundable, payment.currency)}`), reasonField()],
  body: (data) => ({ amount: amountOf(data, payment.currency), reason: data.get('reason') }),
});

/** Corrects what is owed. */
export const adjust = ({ client, currency }) => perform({
  title: 'Correct what is owed', confirm: 'Correct', path: `clients/${client}/adjustments`, done: 'Corrected.',
  content: [
    h('fieldset', { class: 'choices' }, h('legend', {}, 'The client owes'),
      h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'sign', value: '-', checked: true }), 'less'),
      h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'sign', value: '+' }), 'more')),
    amountField('By', currency), reasonField(),
  ],
  body: (data) => ({ amount: amountOf(data, currency) * (data.get('sign') === '-' ? -1 : 1), reason: data.get('reason') }),
});

/** Asks the client to pay everything that is on no invoice. */
export const invoice = ({ client }) => perform({
  title: 'Issue an invoice', confirm: 'Issue it', path: `clients/${client}/invoices`, done: 'Issued. The client is told.',
  content: [
    h('p', {}, 'It asks for all charges that are on no invoice yet, and never changes afterwards.'),
    field('Due on', h('input', { name: 'dueOn', type: 'date' }), 'Left empty: as the settings say.'),
  ],
  body: (data) => ({ dueOn: data.get('dueOn') || null }),
});

/** Takes an invoice back. */
export const voidInvoice = ({ id, number }) => perform({
  title: `Void invoice ${number}?`, confirm: 'Void the invoice', kind: 'danger', path: `invoices/${id}/void`, done: 'Voided.',
  content: [h('p', {}, 'Its charges are still owed, and can be on another invoice.'), reasonField()],
  body: (data) => ({ reason: data.get('reason') }),
});

/** Tells the client of an invoice once more. */
export const sendAgain = ({ id, number }) => perform({
  title: `Send invoice ${number} again?`, confirm: 'Send it again', path: `invoices/${id}/send-again`, done: 'The client is told again.',
  content: [h('p', {}, 'The client gets the same notice as when it was issued.')],
  body: () => ({}),
});

/** Ends a client's payment plan. */
export const endPlan = ({ id }) => perform({
  title: 'End this payment plan?', confirm: 'End the plan', kind: 'danger', path: `plans/${id}/cancel`, done: 'Ended. The client is told.',
  content: [h('p', {}, 'Nothing more is taken for it; what is being taken at this moment goes through. What the client owes stays owed.'), reasonField()],
  body: (data) => ({ reason: data.get('reason') }),
});

/** Marks an appointment as free, or takes that back. */
export async function setFree(appointment, isFree) {
  await api(isFree ? 'PUT' : 'DELETE', `ehr/billing/appointments/${appointment}/free`, { body: {} });
  say(isFree ? 'Marked as free.' : 'It waits to be charged again.');
  changed();
}
