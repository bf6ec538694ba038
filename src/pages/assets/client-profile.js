// Owns: showing what a client said about themselves, and whom to call, to somebody who looks after them. The hub
// decides who that is, and notes that they looked.

import { api } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';

export async function clientProfile({ id, name }) {
  const read = await api('GET', `ehr/clients/${id}/profile`).catch((problem) => ({ problem }));
  await ask({
    title: `Profile of ${name}`,
    content: read.problem ? [h('p', {}, read.problem.message)] : shown(read),
    confirm: 'Done',
    cancel: null,
  });
  return false;
}

function shown({ email, preferredName, pronouns, phone, address, emergencyContacts }) {
  const { line1, line2, city, region, postalCode } = address ?? {};
  const place = [line1, line2, [city, region, postalCode].filter(Boolean).join(' ')].filter(Boolean).join(', ');
  return [
    h('dl', { class: 'facts' },
      fact('Likes to be called', preferredName), fact('Pronouns', pronouns), fact('Telephone', phone && call(phone)),
      fact('E-mail', email), fact('Address', place)),
    h('h3', {}, 'Emergency contacts'),
    emergencyContacts.length === 0
      ? h('p', { class: 'hint' }, 'None was named.')
      : h('ul', { class: 'records' }, ...emergencyContacts.map((one) => h('li', { class: 'record' },
        h('div', { class: 'record-words' },
          h('p', { class: 'record-title' }, h('bdi', {}, one.name)),
          one.relationship && h('p', { class: 'record-line' }, h('bdi', {}, one.relationship))),
        call(one.phone)))),
  ];
}

const call = (number) => h('a', { href: `tel:${number.replaceAll(/[^+\d]/g, '')}` }, number);
const fact = (words, value) => [h('dt', {}, words), h('dd', {}, value ? h('bdi', {}, value) : h('span', { class: 'hint' }, 'not said'))];
