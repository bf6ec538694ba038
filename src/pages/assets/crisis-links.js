// Owns: whom to turn to in danger, as links that a thumb can hit. Whom the practice names stands in the page itself, so
// that it is there without a connection; here it is read from there, for the button and the card, and its numbers are
// found in words of the hub. It calls nobody by itself.

import { fill, h } from './dom.js';

/** [{name, contact, links: [{shown, calls, writes}]}] */
const resources = [...document.querySelectorAll('[data-resource]')].map((node) => ({
  name: node.dataset.resource,
  contact: node.textContent.slice(node.dataset.resource.length + 2).trim().replace(/\.$/, ''),
  links: [...node.querySelectorAll('a')].map((link) => ({
    shown: link.textContent, href: link.getAttribute('href'), calls: 'calls' in link.dataset, writes: link.dataset.writes ?? null,
  })),
}));

/** A list of big links in these words, with `first` before all others: [{href, words}]. */
export function crisisLinks(words, first = []) {
  const list = h('ul', { class: 'crisis-links' });
  fill(list,
    first.map(({ href, words: shown }) => h('li', {}, big(href, shown))),
    resources.map(({ name, contact, links }) => h('li', {},
      h('p', { class: 'crisis-words' }, h('strong', {}, name), `: ${contact}`),
      links.length > 0 && h('div', { class: 'button-row' }, ...links.flatMap((link) => ways(link, words))))));
  return list;
}

const big = (href, words) => h('a', { class: 'button', href }, words);

function ways({ shown, href, calls, writes }, { call, write }) {
  const word = writes && new URLSearchParams(writes.split('?')[1]).get('body');
  return [calls && big(href, call(shown)), writes && big(writes, write(shown, word))].filter(Boolean);
}

export const telephone = (number) => `tel:${number.replace(/[^+\d]/g, '')}`;

/** "+15125550100" as people write it; other countries' numbers as they are. */
export const shownNumber = (number) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3');

/** What the practice names, the short ones of the United States, and those of ten digits and more; a date is none. */
const known = new Map([['911', 'tel:911'], ['988', 'tel:988'], ...resources.flatMap(({ links }) => links.map(({ shown, href }) => [shown, href]))]);
const exactly = [...known.keys()].sort((one, other) => other.length - one.length).map((shown) => shown.replace(/[.+()]/g, '\\$&')).join('|');
const NUMBER = new RegExp(`((?<!\\d)(?:${exactly})(?!\\d)|(?<!\\d)(?!\\d{4}-\\d\\d-\\d\\d)\\+?\\d[\\d ().-]{8,}\\d)`);

/** Words in which every telephone number can be tapped. */
export const withNumbers = (text) => text.split(NUMBER).map((part, at) => (at % 2 === 1 ? h('a', { href: known.get(part) ?? telephone(part) }, part) : part));
