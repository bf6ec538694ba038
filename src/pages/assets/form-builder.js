// Owns: building one form: its fields in their order, a preview that behaves as the client's page does, keeping and
// publishing. Fields move by buttons, and the focus goes with them. What is refused stands at its field.

import { api } from './api.js';
import { field as labelled } from './dialog.js';
import { button, fill, h } from './dom.js';
import { asked } from './form-asked.js';
import { fieldControls, fresh, TYPES } from './form-builder-field.js';
import { formField } from './form-field.js';
import { assign } from './form-library.js';
import { kindInWords } from './form-lists.js';
import { keep } from './page.js';
import { say } from './toast.js';

const WAIT_MS = 800;
const RETRY_MS = 2_000;

class FormBuilder extends HTMLElement {
  #path = `ehr/forms/${location.pathname.split('/').pop()}`;
  #form;
  #list = h('div', { class: 'build-list' });
  #preview = h('div', { class: 'card form-fields', hidden: true });
  #state = h('p', { class: 'save-state', role: 'status' });
  #failure = h('div', { class: 'failure', role: 'alert', tabindex: '-1', hidden: true });
  #standing = h('p', { class: 'hint' });
  #timer = null;
  #edits = 0;
  #keptEdits = 0;
  #keeping = null;

  connectedCallback() {
    if (!this.#form) this.#load();
  }

  async #load() {
    fill(this, h('p', { class: 'loading', role: 'status' }, 'Loading…'));
    try {
      this.#form = await api('GET', this.#path);
    } catch (problem) {
      return fill(this, h('p', { class: 'failure', role: 'alert' }, problem.message, ' ', h('a', { href: '/ehr/forms' }, 'To all forms')));
    }
    const self = this;
    keep({
      get unsaved() { return self.#edits > self.#keptEdits; },
      get endangered() { return self.#edits > self.#keptEdits; },
      settled: () => this.#keep(),
      leave: () => { if (this.#edits > this.#keptEdits) api('PUT', this.#path, { body: this.#body(), keepalive: true }).catch(() => {}); },
    });
    this.#draw();
  }

  #draw() {
    const { definition, kind, retiredAt } = this.#form;
    const title = h('input', { maxlength: 200, autocomplete: 'off', dir: 'auto', 'data-pointer': '/definition/title', value: definition.title });
    title.addEventListener('input', () => { definition.title = title.value; this.#changed(); });
    const intro = h('textarea', { rows: 3, maxlength: 4000, dir: 'auto' });
    intro.value = definition.intro ?? '';
    intro.addEventListener('input', () => { definition.intro = intro.value || null; this.#changed(); });
    const kinds = h('select', { onchange: () => { this.#form.kind = kinds.value; this.#changed(); } },
      ...['initial', 'annualUpdate', 'symptomChecklist', 'custom'].map((value) => h('option', { value }, kindInWords(value))));
    kinds.value = kind;
    const language = h('select', { onchange: () => { definition.language = language.value; this.#changed(); } }, h('option', { value: 'en' }, 'English'), h('option', { value: 'es', lang: 'es' }, 'Español'));
    language.value = definition.language;
    const types = h('select', {}, ...Object.entries(TYPES).map(([value, words]) => h('option', { value }, words)));
    const preview = button('Preview', { 'aria-pressed': 'false', onclick: () => this.#show(preview) });
    fill(this,
      h('div', { class: 'column-head' }, h('h1', {}, retiredAt ? 'A retired form' : 'Build a form'), preview),
      this.#standing, this.#failure, this.#preview,
      h('div', { class: 'stack', 'data-builder': true, inert: Boolean(retiredAt) },
        h('section', { class: 'card', 'aria-label': 'About the form' },
          labelled('Title', title), labelled('Introduction', intro),
          h('div', { class: 'side-by-side' }, labelled('Kind', kinds), labelled('Language', language))),
        this.#list,
        h('form', { class: 'card side-by-side', 'aria-label': 'Add a field', onsubmit: (event) => { event.preventDefault(); this.#add(types.value); } },
          labelled('Add', types), h('div', {}, button('Add', { type: 'submit', 'aria-label': 'Add the field' }))),
        h('div', { class: 'form-foot' }, button('Publish', { kind: 'primary', onclick: () => this.#publish() }), this.#state)),
      h('p', {}, h('a', { href: '/ehr/forms' }, 'To all forms')));
    this.#drawFields();
    this.#stand();
  }

  #drawFields() {
    fill(this.#list, ...this.#form.definition.fields.map((field, at) => this.#card(field, at)));
  }

  #card(field, at) {
    const { fields } = this.#form.definition;
    const name = `${TYPES[field.type] ?? 'Field'} ${at + 1}`;
    const move = (by, words) => button(words, { kind: 'small', disabled: at + by < 0 || at + by >= fields.length, 'aria-label': `${words}: ${name}`, 'data-move': by, onclick: () => {
      fields.splice(at + by, 0, ...fields.splice(at, 1));
      this.#changed();
      this.#drawFields();
      const there = this.#list.children[at + by];
      (there.querySelector(`[data-move="${by}"]:not(:disabled)`) ?? there.querySelector('[data-move]:not(:disabled)'))?.focus();
      say(`Now at place ${at + by + 1} of ${fields.length}.`);
    } });
    const earlier = () => fields.slice(0, fields.indexOf(field)).filter(({ type }) => type !== 'section');
    return h('fieldset', { class: 'build-field', 'data-at': at },
      h('legend', { class: 'visually-hidden' }, name),
      h('div', { class: 'build-head' }, h('strong', {}, name), h('div', { class: 'button-row' }, move(-1, 'Up'), move(1, 'Down'),
        button('Remove', { kind: 'small', 'aria-label': `Remove: ${name}`, onclick: () => {
          fields.splice(at, 1);
          this.#changed();
          this.#drawFields();
          (this.#list.children[Math.min(at, fields.length - 1)]?.querySelector('input') ?? this.querySelector('[aria-label="Add the field"]')).focus();
        } }))),
      ...fieldControls(field, { earlier, changed: () => this.#changed() }));
  }

  #add(type) {
    const { fields } = this.#form.definition;
    let number = fields.length + 1;
    while (fields.some(({ key }) => key === `q${number}`)) number += 1;
    fields.push(fresh(type, `q${number}`));
    this.#changed();
    this.#drawFields();
    this.#list.lastElementChild.querySelector('input, textarea').focus();
  }

  /** The form as a client would see it, with what it asks only sometimes. Nothing that is typed there is kept. */
  #show(toggle) {
    const open = this.#preview.hidden;
    this.#preview.hidden = !open;
    this.querySelector('[data-builder]').hidden = open;
    toggle.textContent = open ? 'Back to building' : 'Preview';
    toggle.setAttribute('aria-pressed', String(open));
    if (!open) return;
    const { definition } = this.#form;
    const answers = {};
    const sift = () => {
      const shown = asked(definition, answers);
      fields.forEach(({ key, node }) => { node.hidden = !shown.has(key); });
    };
    const fields = definition.fields.map((field) => formField(field, { prefix: 'preview', change: (answer) => { answers[field.key] = answer; sift(); } }));
    fill(this.#preview, h('h2', { dir: 'auto' }, definition.title || 'Untitled form'), definition.intro && h('p', { class: 'text' }, definition.intro), ...fields.map(({ node }) => node));
    sift();
  }

  #changed() {
    this.#edits += 1;
    this.#failure.hidden = true;
    this.#say('Saving…');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep().catch(() => {}), WAIT_MS);
  }

  #body() {
    const { revision, kind, definition } = this.#form;
    return { revision, kind, definition };
  }

  /** Keeps what is there; resolves when the server has all of it. */
  async #keep() {
    clearTimeout(this.#timer);
    if (this.#keeping) await this.#keeping.catch(() => {});
    if (this.#edits === this.#keptEdits) return;
    const edits = this.#edits;
    this.#keeping = api('PUT', this.#path, { body: this.#body() });
    try {
      const { revision, version, hasChanges } = await this.#keeping;
      Object.assign(this.#form, { revision, version, hasChanges });
      this.#keptEdits = edits;
      this.#keeping = null;
      this.#stand();
      if (this.#edits > edits) return this.#keep();
      this.#say('Saved. Clients see it when it is published.');
    } catch (problem) {
      this.#keeping = null;
      if (problem.passing) {
        this.#say('Not saved yet. Trying again by itself.', 'waiting');
        this.#timer = setTimeout(() => this.#keep().catch(() => {}), problem.retryAfterMs ?? RETRY_MS);
      } else {
        this.#refused(problem);
      }
      throw problem;
    }
  }

  async #publish() {
    try {
      await this.#keep();
      Object.assign(this.#form, await api('POST', `${this.#path}/publish`, { body: { revision: this.#form.revision } }), { definition: this.#form.definition });
      this.#stand();
      this.#say(`Version ${this.#form.version} is published.`);
      this.#offer();
    } catch (problem) {
      if (!problem.passing) this.#refused(problem);
    }
  }

  /** What usually comes next. */
  #offer() {
    if (this.querySelector('[data-assign]')) return;
    this.#state.after(button('Assign to a client', { 'data-assign': true, onclick: () => assign({ id: this.#form.id, title: this.#form.definition.title }) }));
  }

  #refused(problem) {
    this.#say('Not saved.', 'bad');
    for (const card of this.#list.children) card.removeAttribute('aria-invalid');
    const wrong = problem.answer?.errors ?? [];
    const where = ({ pointer, message }) => {
      const at = pointer.match(/^\/definition\/fields\/(\d+)(?:\/(\w+))?/);
      const card = at && this.#list.children[Number(at[1])];
      card?.setAttribute('aria-invalid', 'true');
      const to = card?.querySelector(`[data-field="${at[2]}"]`) ?? card?.querySelector('input, textarea') ?? this.querySelector(`[data-pointer="${pointer}"]`);
      const words = card ? `Field ${Number(at[1]) + 1}: ${message}` : message;
      return h('li', {}, to ? h('a', { href: '#main', onclick: (event) => { event.preventDefault(); to.focus(); } }, words) : words);
    };
    fill(this.#failure, wrong.length > 0 ? [h('h2', {}, 'Not published yet'), h('ul', {}, ...wrong.map(where))]
      : [h('p', {}, problem.message), problem.answer?.current && button('Load what is there now', { kind: 'small', onclick: () => { this.#edits = this.#keptEdits; location.reload(); } })]);
    this.#failure.hidden = false;
    this.#failure.focus();
  }

  #stand() {
    const { version, hasChanges } = this.#form;
    this.#standing.textContent = !version ? 'Not published yet.' : hasChanges ? `Version ${version} is published; it was changed since.` : `Version ${version} is published.`;
  }

  #say(words, kind = '') {
    this.#state.dataset.kind = kind;
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }
}

customElements.define('care-form-builder', FormBuilder);
