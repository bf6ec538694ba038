// Owns: the words and days of the client's pages of billing, in both languages. Pure.

import { either } from './either.js';

const LOCALE = either(undefined, 'es-US');
const days = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone: 'UTC' });
const months = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A day of the calendar, `2026-11-21`, whatever the time where it is read. */
export const day = (date) => days.format(new Date(`${date}T00:00Z`));

/** A month, `2026-11`. */
export const month = (name) => months.format(new Date(`${name}-01T00:00Z`));

/** What lists say around their items. */
export const LIST_WORDS = {
  loading: either('Loading…', 'Cargando…'),
  more: either('Show more', 'Mostrar más'),
  again: either('Try again', 'Intentar de nuevo'),
};

/** What happened to an account. */
export const CHANGES = {
  charge: either('Service', 'Servicio'),
  chargeVoid: either('Charge taken back', 'Cargo anulado'),
  payment: either('Payment', 'Pago'),
  adjustment: either('Correction', 'Corrección'),
  refund: either('Refund', 'Reembolso'),
  refundFailed: either('Refund that did not arrive', 'Reembolso que no llegó'),
  chargeback: either('Taken back by the bank', 'Devuelto por el banco'),
  chargebackWon: either('Payment confirmed by the bank', 'Pago confirmado por el banco'),
};

/** How far a charge is paid. */
export const CHARGE_STATES = {
  open: either('Not paid', 'Sin pagar'),
  partlyPaid: either('Partly paid', 'Pagado en parte'),
  paid: either('Paid', 'Pagado'),
  void: either('Taken back', 'Anulado'),
};

/** How an invoice stands. */
export const INVOICE_STATES = {
  pending: either('To pay', 'Por pagar'),
  paid: either('Paid', 'Pagada'),
  overdue: either('Overdue', 'Vencida'),
  void: either('Taken back', 'Anulada'),
};

export const RHYTHMS = {
  weekly: either('Every week', 'Cada semana'),
  biweekly: either('Every two weeks', 'Cada dos semanas'),
  monthly: either('Every month', 'Cada mes'),
};
