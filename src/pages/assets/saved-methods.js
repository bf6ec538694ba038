// Owns: choosing among a client's saved payment methods, wherever something is taken from one.

import { api } from './api.js';
import { either } from './either.js';
import { field } from './dialog.js';
import { h } from './dom.js';
import { nameOf } from './saved-cards.js';

export const savedMethods = async () => (await api('GET', 'portal/payments/methods')).items;

/** A field for one of them, the usual one first. */
export function methodField(methods, chosen = null) {
  const usual = chosen ?? methods.find(({ isDefault }) => isDefault)?.id;
  return field(either('Payment method', 'Forma de pago'), h('select', { name: 'method', required: true },
    ...methods.map((one) => h('option', { value: one.id, selected: one.id === usual }, nameOf(one)))));
}

/** What is said where there is none. */
export const noMethod = () => h('p', {}, either('Save a payment method first.', 'Primero guarde una forma de pago.'), ' ',
  h('a', { href: '/portal/billing/methods' }, either('Payment methods', 'Formas de pago')));
