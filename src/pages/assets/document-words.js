// Owns: the words for what kind of document something is.

import { h } from './dom.js';

export const CATEGORIES = {
  general: 'General', intake: 'Intake', consent: 'Consent', treatment: 'Treatment', letter: 'Letter', result: 'Result',
  insurance: 'Insurance', billing: 'Billing', other: 'Other',
};

/** A choice of them; `all` is what none of them is called. */
export function categoryChoice(all, chosen = all ? '' : 'general') {
  const option = (value, words) => h('option', { value, selected: value === chosen }, words);
  return h('select', {}, all && option('', all), ...Object.entries(CATEGORIES).map(([value, words]) => option(value, words)));
}
