// Owns: the words for what kind of document something is.

import { h } from './dom.js';
import { either } from './either.js';

export const CATEGORIES = {
  general: 'General', intake: either('Intake', 'Ingreso'), consent: either('Consent', 'Consentimiento'),
  treatment: either('Treatment', 'Tratamiento'), letter: either('Letter', 'Carta'), result: either('Result', 'Resultado'),
  insurance: either('Insurance', 'Seguro'), billing: either('Billing', 'Facturación'), other: either('Other', 'Otro'),
};

/** A choice of them; `all` is what none of them is called. */
export function categoryChoice(all, chosen = all ? '' : 'general') {
  const option = (value, words) => h('option', { value, selected: value === chosen }, words);
  return h('select', {}, all && option('', all), ...Object.entries(CATEGORIES).map(([value, words]) => option(value, words)));
}
