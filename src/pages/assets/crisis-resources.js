// Owns: where clients in danger are sent at once, as administrators write it down, by language, and what a client reads
// because of it. An empty list is the built-in one; there is never none.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { orSay } from './or-say.js';
import { withRecent } from './recent.js';

const path = 'admin/crisis-resources';
const LANGUAGES = { en: 'English', es: 'Spanish' };

class CrisisResources extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #version = null;

  connectedCallback() {
    this.append(this.#form, this.#failure, this.#done);
    this.#form.noValidate = true;
    this.#form.addEventListener('input', () => { this.#done.textContent = ''; });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(async () => this.#take(await api('GET', path)));
  }

  #take({ version, resources, notices }) {
    this.#version = version;
    const languages = [...new Set([...Object.keys(LANGUAGES), ...Object.keys(resources)])];
    fill(this.#form, ...languages.map((language) => {
      const area = h('textarea', { name: language, rows: 3, dir: 'auto', placeholder: 'Name: how to get there' });
      area.value = (resources[language] ?? []).map(({ name, contact }) => `${name}: ${contact}`).join('\n');
      return h('div', { class: 'stack' },
        h('label', { class: 'field' }, h('span', {}, `In ${LANGUAGES[language] ?? language}, one a line`), area,
          h('span', { class: 'hint' }, 'Such as “Crisis team of the county: call 555 0100”. Name who answers at any hour. Empty: as in the other language; where that is empty, too, 988 and 911.')),
        notices[language] && h('details', { 'aria-label': `What a client reads in ${LANGUAGES[language] ?? language}` }, h('summary', {}, 'What a client reads at present'), h('p', { class: 'draft-text', lang: language }, notices[language])));
    }), h('div', {}, button('Save', { type: 'submit', kind: 'primary' })));
    this.#done.textContent = '';
  }

  async #save() {
    const resources = {};
    for (const area of this.#form.querySelectorAll('textarea')) {
      const list = area.value.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => this.#read(line));
      if (list.length > 0) resources[area.name] = list;
    }
    const answer = await withRecent(() => api('PUT', path, { body: { version: this.#version, resources } })).catch((problem) => {
      const named = problem.answer?.errors?.map(({ pointer, message }) => {
        const [, , language, at] = pointer.split('/');
        return [resources[language]?.[at]?.name, message];
      });
      throw named ? new Error(named.map(([name, message]) => (name ? `“${name}”: ${message}` : message)).join(' ')) : problem;
    });
    this.#take(answer);
    this.#done.textContent = 'Saved. Clients read it from now on.';
  }

  #read(line) {
    const at = line.indexOf(':');
    if (at < 1 || !line.slice(at + 1).trim()) throw new Error(`Write a name, a colon, and how to get there: “${line}”.`);
    return { name: line.slice(0, at).trim(), contact: line.slice(at + 1).trim() };
  }

  #tell(act) {
    return orSay({ said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-crisis-resources', CrisisResources);
