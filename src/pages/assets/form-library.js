// Owns: the practice's forms as a list: beginning one, giving one to a client or to every new client, and retiring one.

import { api } from './api.js';
import { clientSearch } from './client-search.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { kindInWords } from './form-lists.js';
import { uuidV7 } from './ids.js';
import { more, record, Records } from './records.js';
import { say } from './toast.js';

const KINDS = ['initial', 'annualUpdate', 'symptomChecklist', 'custom'];

class FormLibrary extends Records {
  #retired = h('input', { type: 'checkbox', onchange: () => this.reload() });

  connectedCallback() {
    if (this.querySelector('h1')) return;
    this.append(
      h('div', { class: 'column-head' }, h('h1', {}, 'Forms'), button('New form', { kind: 'primary', onclick: () => this.#create() })),
      h('label', { class: 'choice' }, this.#retired, h('span', {}, 'Show retired forms')));
    super.connectedCallback();
  }

  get path() {
    return `ehr/forms?retired=${this.#retired.checked}`;
  }

  get empty() {
    return this.#retired.checked ? 'No form is retired.' : 'There are no forms yet. Begin one.';
  }

  node(form) {
    const { id, title, kind, version, hasChanges, forNewClients, dueDays, open, retiredAt } = form;
    const name = title || 'Untitled form';
    return record({
      title: h('bdi', {}, name),
      tags: [kindInWords(kind), version ? `Version ${version}` : 'Not published', version && hasChanges && 'Changed since', retiredAt && 'Retired'],
      lines: [
        forNewClients && `Every new client is given it${dueDays === null ? '' : `, due after ${dueDays} days`}.`,
        open > 0 && `${open} ${open === 1 ? 'client has' : 'clients have'} it to fill in.`,
      ],
      actions: [
        h('a', { class: 'button small', href: `/ehr/forms/${id}`, 'aria-label': `${retiredAt ? 'Look at' : 'Edit'} ${name}` }, retiredAt ? 'Look' : 'Edit'),
        version && !retiredAt && button('Assign', { kind: 'small', 'aria-label': `Assign ${name}`, onclick: () => assign(form).then((done) => done && this.reload()) }),
        !retiredAt && more(name,
          version && button('New clients', { kind: 'small', 'aria-label': `New clients: ${name}`, onclick: () => this.#newClients(form) }),
          button('Retire', { kind: 'small', 'aria-label': `Retire ${name}`, onclick: () => this.confirm({
            title: `Retire ${name}?`,
            content: [h('p', {}, 'Nobody is given it any more. Clients who have it may still fill it in, and what was submitted stays.')],
            confirm: 'Retire',
            kind: 'danger',
            act: () => api('POST', `ehr/forms/${id}/retire`),
            done: 'The form is retired.',
          }) })),
      ],
    });
  }

  #create() {
    const id = uuidV7();
    return ask({
      title: 'New form',
      content: [
        field('Title', h('input', { name: 'title', required: true, maxlength: 200, autocomplete: 'off' })),
        field('Kind', h('select', { name: 'kind' }, ...KINDS.map((kind) => h('option', { value: kind }, kindInWords(kind))))),
        field('Language', h('select', { name: 'language' }, h('option', { value: 'en' }, 'English'), h('option', { value: 'es', lang: 'es' }, 'Español'))),
      ],
      confirm: 'Begin',
      act: async (data) => {
        const definition = { title: data.get('title'), language: data.get('language'), fields: [] };
        await api('POST', 'ehr/forms', { body: { id, kind: data.get('kind'), definition } });
        location.assign(`/ehr/forms/${id}`);
        return true;
      },
    });
  }

  #newClients({ id, title, forNewClients, dueDays }) {
    return this.confirm({
      title: `New clients: ${title}`,
      content: [
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'on', checked: forNewClients }), h('span', {}, 'Give it to every new client')),
        field('Days they have for it', h('input', { name: 'days', type: 'number', min: 0, max: 365, value: dueDays ?? '' }), 'Leave empty for any time.'),
      ],
      confirm: 'Save',
      act: (data) => api('PUT', `ehr/forms/${id}/new-clients`, { body: { on: data.get('on') !== null, dueDays: data.get('days') === '' ? null : Number(data.get('days')) } }),
      done: 'Saved.',
    });
  }
}

/** Asks to whom a form is given, and until when. */
export function assign({ id, title }) {
  const sentAs = uuidV7();
  return ask({
    title: `Assign ${title}`,
    content: [
      ...clientSearch(),
      field('To be filled in by', h('input', { type: 'date', name: 'dueOn' }), 'Leave empty for any time. The client is told now, and reminded the morning before.'),
    ],
    confirm: 'Assign',
    act: async (data) => {
      if (!data.get('client')) throw new Error('Choose a client.');
      await api('POST', `ehr/forms/${id}/assignments`, { body: { id: sentAs, client: data.get('client'), dueOn: data.get('dueOn') || null } });
      say('The client was given the form.');
      return true;
    },
  });
}

customElements.define('care-form-library', FormLibrary);
