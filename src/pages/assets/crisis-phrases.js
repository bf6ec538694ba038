// Owns: crisis phrases as administrators see them: the practice's own, to be written one a line; a text to try; what
// the program looks for by itself, with the reason of each. What they find is decided by the hub alone.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { orSay } from './or-say.js';
import { withRecent } from './recent.js';

const path = 'admin/crisis-phrases';
const LANGUAGES = { en: 'English', es: 'Spanish' };

class CrisisPhrases extends HTMLElement {
  #own = h('textarea', { name: 'phrases', rows: 6, dir: 'auto', spellcheck: 'false' });
  #text = h('textarea', { name: 'text', rows: 3, maxlength: 8000, required: true, dir: 'auto' });
  #found = h('p', { role: 'status' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #listed = h('div', { class: 'stack' });
  #version = null;

  connectedCallback() {
    const trial = h('form', { class: 'stack' },
      h('label', { class: 'field' }, h('span', {}, 'Try a text'), this.#text, h('span', { class: 'hint' }, 'As if a client had written it. It is kept nowhere. What you have not saved above is not looked for.')),
      h('div', {}, button('Try it', { type: 'submit' })), this.#found);
    const form = h('form', { class: 'stack' },
      h('label', { class: 'field' }, h('span', {}, 'The practice’s own phrases, one a line'), this.#own,
        h('span', { class: 'hint' }, 'Found wherever these words stand together, in any spelling of upper and lower case or accents.')),
      h('div', {}, button('Save', { type: 'submit', kind: 'primary' })), this.#failure, this.#done);
    form.noValidate = trial.noValidate = true;
    form.addEventListener('submit', (event) => this.#on(event, () => this.#save()));
    form.addEventListener('input', () => { this.#done.textContent = ''; });
    trial.addEventListener('submit', (event) => this.#on(event, () => this.#try()));
    this.append(form, trial, this.#listed);
    this.#tell(async () => this.#take(await api('GET', path)));
  }

  #take({ version, phrases, listed }) {
    this.#version = version;
    this.#own.value = phrases.map(({ words }) => words).join('\n');
    this.#done.textContent = '';
    const languages = [...new Set(listed.map(({ language }) => language))];
    fill(this.#listed, ...languages.map((language) => {
      const own = listed.filter((one) => one.language === language);
      return h('details', { 'aria-label': `Patterns in ${LANGUAGES[language] ?? language}` }, h('summary', {}, `${LANGUAGES[language] ?? language}: ${own.length} patterns that are always looked for, list ${own[0].listVersion}`),
        h('ul', { class: 'records' }, ...own.map(({ phraseId, why }) => h('li', { class: 'record-line' }, h('strong', {}, phraseId), ': ', why))));
    }));
  }

  async #save() {
    const phrases = this.#own.value.split('\n').map((line) => line.trim()).filter(Boolean);
    const answer = await withRecent(() => api('PUT', path, { body: { version: this.#version, phrases } })).catch((problem) => {
      // The hub counts the phrases; people read them.
      const named = problem.answer?.errors?.map(({ pointer, message }) => [phrases[pointer.split('/')[2]], message]);
      throw named ? new Error(named.map(([phrase, message]) => (phrase ? `“${phrase}”: ${message}` : message)).join(' ')) : problem;
    });
    this.#take(answer);
    this.#done.textContent = 'Saved. They are looked for from now on.';
  }

  async #try() {
    const text = this.#text.value.trim();
    if (!text) return this.#text.focus();
    const { emergency, finding, why } = await api('POST', `${path}/try`, { body: { text } });
    this.#found.className = emergency ? 'warning' : '';
    this.#found.textContent = emergency
      ? `It would be an emergency: ${why ?? 'one of the practice’s own phrases'} (${finding.phraseId}).`
      : 'It would not be recognised as an emergency.';
  }

  #on(event, run) {
    event.preventDefault();
    this.#tell(run);
  }

  #tell(act) {
    return orSay({ said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-crisis-phrases', CrisisPhrases);
