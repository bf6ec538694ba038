// Owns: numbers to call and write to as links that a thumb can hit, and finding such numbers in words of the hub.
// It calls nobody by itself.

import { h } from './dom.js';

/** A list of big links: [{href, words, what}]. */
export const crisisLinks = (resources) => h('ul', { class: 'crisis-links' }, ...resources.map(({ href, words, what }) =>
  h('li', {}, h('a', { class: 'button', href }, words), what && h('span', { class: 'hint' }, what))));

export const telephone = (number) => `tel:${number.replace(/[^+\d]/g, '')}`;

/** "+15125550100" as people write it; other countries' numbers as they are. */
export const shownNumber = (number) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3');

/** The short ones, and those of ten digits and more; a date is none. */
const NUMBER = /((?<!\d)(?:911|988)(?!\d)|(?<!\d)(?!\d{4}-\d\d-\d\d)\+?\d[\d ().-]{8,}\d)/;

/** Words in which every telephone number can be tapped. */
export const withNumbers = (text) => text.split(NUMBER).map((part, at) => (at % 2 === 1 ? h('a', { href: telephone(part) }, part) : part));
