// Owns: filling in a form: the fields that are asked, autosave in words, what is refused next to its field and in a list
// at the top, and submitting. No word is lost: what the server does not have yet is kept on the page, and leaving asks.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { asked } from './form-asked.js';
import { FormDraft } from './form-draft.js';
import { formField, inWords } from './form-field.js';
import { uuidV7 } from './ids.js';
import { keep } from './page.js';
import { timeOfDay } from './time.js';

/** What a page saves as it goes may arrive after the next one was loaded. */
const AGAIN_MS = 1_000;

class FormFill extends HTMLElement {
  #path = `portal/forms/${location.pathname.split('/').pop()}`;
  #sentAs = uuidV7();
  #form;
  #draft;
  #fields = [];
  #state = h('p', { class: 'save-state', role: 'status' });
  #summary = h('div', { class: 'failure', tabindex: '-1', role: 'alert', hidden: true });
  #busy = false;

  connectedCallback() {
    if (!this.#form) this.#load();
  }

  async #load() {
    fill(this, h('p', { class: 'loading', role: 'status' }, 'Loading…'));
    try {
      this.#form = await api('GET', this.#path);
    } catch (problem) {
      if (problem.status === 404) return fill(this, h('div', { class: 'empty' }, h('h1', {}, 'There is no such form'), h('a', { class: 'button', href: '/portal/forms' }, 'To your forms')));
      return fill(this, h('p', { class: 'failure', role: 'alert' }, problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#load() })));
    }
    const { submission, state } = this.#form;
    if (submission) return location.replace(`/portal/forms/submissions/${submission}`);
    if (state === 'withdrawn') return fill(this, h('div', { class: 'empty' }, h('h1', {}, this.#form.title), h('p', {}, 'The practice took this form back. There is nothing left to fill in.'), h('a', { class: 'button', href: '/portal/forms' }, 'To your forms')));
    this.#begin();
  }

  #begin() {
    const { definition, draft, dueOn } = this.#form;
    document.title = `${definition.title} · Carehub`;
    this.#draft = new FormDraft({ draft, save: (changes, { keepalive }) => api('PATCH', `${this.#path}/save-draft`, { body: changes, keepalive }) });
    this.#draft.addEventListener('change', () => this.#show());
    this.#draft.addEventListener('taken', ({ detail }) => detail.forEach((key) => this.#field(key)?.set(this.#draft.answers[key] ?? null)));
    keep(this.#draft);
    this.#fields = definition.fields.map((field) => formField(field, { change: (answer) => this.#answered(field.key, answer) }));
    this.#fields.forEach((field) => field.set(this.#draft.answers[field.key] ?? null));
    const due = dueOn && h('p', { class: 'hint' }, `Please fill it in by ${new Date(`${dueOn}T12:00`).toLocaleDateString(undefined, { dateStyle: 'long' })}.`);
    const form = h('form', { class: 'card form-fields', lang: definition.language, novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      ...this.#fields.map(({ node }) => node),
      h('div', { class: 'form-foot' }, button('Submit', { kind: 'primary', type: 'submit' }), this.#state));
    fill(this, h('h1', { dir: 'auto', lang: definition.language }, definition.title), due,
      definition.intro && h('p', { class: 'text', lang: definition.language }, definition.intro),
      h('p', { class: 'hint' }, 'What you type is saved as you go. You can leave and come back.'), this.#summary, form);
    this.#show();
    setTimeout(() => this.#lookAgain(), AGAIN_MS);
  }

  async #lookAgain() {
    const { draft } = await api('GET', this.#path).catch(() => this.#form);
    if (draft) this.#draft.takeIn(draft);
  }

  #field(key) {
    return this.#fields.find((field) => field.key === key);
  }

  #answered(key, answer) {
    this.#field(key).refuse(null);
    this.#draft.set(key, answer);
  }

  /** What is asked, where the saving stands, and what is to be chosen. */
  #show() {
    const { definition } = this.#form;
    const shown = asked(definition, this.#draft.answers);
    this.#fields.forEach(({ key, node }) => { node.hidden = !shown.has(key); });
    for (const field of this.#fields) {
      const differs = this.#draft.conflicts.has(field.key);
      const of = definition.fields.find(({ key }) => key === field.key);
      if (differs === Boolean(field.open)) continue;
      field.open = differs;
      field.differs(differs ? inWords(of, this.#draft.conflicts.get(field.key)) : null, (theirs) => {
        this.#draft.choose(field.key, theirs);
        if (theirs) field.set(this.#draft.answers[field.key] ?? null);
        field.focus();
      });
    }
    const [words, kind] = this.#words();
    this.#state.dataset.kind = kind;
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }

  #words() {
    const { conflicts, trouble, saving, unsaved, savedAt } = this.#draft;
    if (conflicts.size > 0) return ['An answer was changed in another window. Choose which one to keep.', 'bad'];
    if (trouble?.status === 0) return ['Not saved: no connection. Keep this page open; it is saved by itself.', 'waiting'];
    if (trouble?.passing) return ['Not saved yet. Trying again by itself.', 'waiting'];
    if (trouble) return [trouble.message, 'bad'];
    if (saving || unsaved) return ['Saving…', ''];
    return [savedAt ? `Saved at ${timeOfDay(savedAt)}.` : '', ''];
  }

  async #submit() {
    if (this.#busy) return;
    this.#busy = true;
    this.#summary.hidden = true;
    this.#fields.forEach((field) => field.refuse(null));
    const submit = this.querySelector('button[type=submit]');
    submit.disabled = true;
    const seen = JSON.stringify(this.#draft.answers);
    try {
      await this.#lookAgain();
      await this.#draft.settled();
      if (JSON.stringify(this.#draft.answers) !== seen) throw new Error('Some answers were changed in another window. Look at them, then submit again.');
      const { submission } = await api('POST', `${this.#path}/submit`, { body: { id: this.#sentAs, revision: this.#draft.revision } });
      location.assign(`/portal/forms/submissions/${submission}`);
    } catch (problem) {
      submit.disabled = false;
      this.#refused(problem);
    } finally {
      this.#busy = false;
    }
  }

  #refused(problem) {
    const { errors, submission } = problem.answer ?? {};
    if (submission) return location.assign(`/portal/forms/submissions/${submission}`);
    const wrong = (errors ?? []).map(({ pointer, message }) => ({ field: this.#field(pointer.split('/')[2]), message }));
    wrong.forEach(({ field, message }) => field?.refuse(message));
    const link = ({ field, message }) => h('li', {}, field
      ? h('a', { href: `#q-${field.key}`, onclick: (event) => { event.preventDefault(); field.focus(); } }, `${field.question}: ${message}`) : message);
    fill(this.#summary, wrong.length > 0
      ? [h('h2', {}, wrong.length === 1 ? 'One answer is not complete yet' : `${wrong.length} answers are not complete yet`), h('ul', {}, ...wrong.map(link))]
      : [h('p', {}, problem.message)]);
    this.#summary.hidden = false;
    this.#summary.focus();
    this.#show();
  }
}

customElements.define('care-form-fill', FormFill);
