// Owns: filling in a form: the fields that are asked, autosave in words, what is refused next to its field and in a list
// at the top, and submitting. No word is lost: what the server does not have yet is kept on the page, and leaving asks.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, language, reason } from './either.js';
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
    this.lang = language;
    if (!this.#form) this.#load();
  }

  async #load() {
    fill(this, h('p', { class: 'loading', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      this.#form = await api('GET', this.#path);
    } catch (problem) {
      if (problem.status === 404) return fill(this, h('div', { class: 'empty' }, h('h1', {}, either('There is no such form', 'No existe ese formulario')), h('a', { class: 'button', href: '/portal/forms' }, either('To your forms', 'A sus formularios'))));
      return fill(this, h('p', { class: 'failure', role: 'alert' }, reason(problem), ' ', button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#load() })));
    }
    const { submission, state } = this.#form;
    if (submission) return location.replace(`/portal/forms/submissions/${submission}`);
    if (state === 'withdrawn') return fill(this, h('div', { class: 'empty' }, h('h1', {}, this.#form.title), h('p', {}, either('The practice took this form back. There is nothing left to fill in.', 'El consultorio retiró este formulario. No queda nada que llenar.')), h('a', { class: 'button', href: '/portal/forms' }, either('To your forms', 'A sus formularios'))));
    this.#begin();
  }

  #begin() {
    const { definition, draft, dueOn } = this.#form;
    document.title = `${definition.title} · Carehub`;
    this.#draft = new FormDraft({ draft, save: (changes, { keepalive }) => api('PATCH', `${this.#path}/save-draft`, { body: changes, keepalive }) });
    this.#draft.addEventListener('change', () => this.#show());
    this.#draft.addEventListener('taken', ({ detail }) => detail.forEach((key) => this.#field(key)?.set(this.#draft.answers[key] ?? null)));
    keep(this.#draft);
    this.#fields = definition.fields.map((field) => formField(field, { change: (answer) => this.#answered(field.key, answer), files: this.#files() }));
    this.#fields.forEach((field) => field.set(this.#draft.answers[field.key] ?? null));
    const due = dueOn && h('p', { class: 'hint' }, either('Please fill it in by ', 'Por favor, llénelo hasta el ') + `${new Date(`${dueOn}T12:00`).toLocaleDateString(either(undefined, 'es-US'), { dateStyle: 'long' })}.`);
    const form = h('form', { class: 'card form-fields', lang: definition.language, novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      ...this.#fields.map(({ node }) => node),
      h('div', { class: 'form-foot' }, button(either('Submit', 'Enviar'), { kind: 'primary', type: 'submit' }), this.#state));
    fill(this, h('h1', { dir: 'auto', lang: definition.language }, definition.title), due,
      definition.intro && h('p', { class: 'text', lang: definition.language }, definition.intro),
      h('p', { class: 'hint' }, either('What you type is saved as you go. You can leave and come back.', 'Lo que escribe se guarda solo. Puede salir y volver.')), this.#summary, form);
    this.#show();
    setTimeout(() => this.#lookAgain(), AGAIN_MS);
  }

  async #lookAgain() {
    const { draft, files } = await api('GET', this.#path).catch(() => this.#form);
    this.#form.files = files;
    this.#draft.takeIn(draft);
  }

  #field(key) {
    return this.#fields.find((field) => field.key === key);
  }

  /** Where files go, and which are there. */
  #files() {
    return { path: (field) => `${this.#path}/files?${new URLSearchParams({ field })}`, find: (id) => this.#form.files.find((file) => file.id === id) };
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
    if (conflicts.size > 0) return [either('An answer was changed in another window. Choose which one to keep.', 'Una respuesta se cambió en otra ventana. Elija cuál conservar.'), 'bad'];
    if (trouble?.status === 0) return [either('Not saved: no connection. Keep this page open; it is saved by itself.', 'No se guardó: no hay conexión. Deje esta página abierta; se guarda sola.'), 'waiting'];
    if (trouble?.passing) return [either('Not saved yet. Trying again by itself.', 'Aún no se guardó. Se intenta de nuevo sin que haga nada.'), 'waiting'];
    if (trouble) return [reason(trouble), 'bad'];
    if (saving || unsaved) return [either('Saving…', 'Guardando…'), ''];
    return [savedAt ? either(`Saved at ${timeOfDay(savedAt)}.`, `Guardado a las ${timeOfDay(savedAt)}.`) : '', ''];
  }

  async #submit() {
    if (this.#busy) return;
    const coming = this.#fields.find(({ unfinished, node }) => unfinished && !node.hidden);
    if (coming) return this.#refused({ answer: { errors: [{ pointer: `/answers/${coming.key}`, message: either('A file is still on its way. Wait a moment, or remove it.', 'Un archivo aún está en camino. Espere un momento o quítelo.') }] } });
    this.#busy = true;
    this.#summary.hidden = true;
    this.#fields.forEach((field) => field.refuse(null));
    const submit = this.querySelector('button[type=submit]');
    submit.disabled = true;
    const seen = JSON.stringify(this.#draft.answers);
    try {
      await this.#lookAgain();
      await this.#draft.settled();
      if (JSON.stringify(this.#draft.answers) !== seen) throw new Error(either('Some answers were changed in another window. Look at them, then submit again.', 'Algunas respuestas se cambiaron en otra ventana. Mírelas y envíe de nuevo.'));
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
    const wrong = (errors ?? []).map(({ pointer, message }) => ({ field: this.#field(pointer.split('/')[2]), message: reason({ message }) }));
    wrong.forEach(({ field, message }) => field?.refuse(message));
    const link = ({ field, message }) => h('li', {}, field
      ? h('a', { href: `#q-${field.key}`, onclick: (event) => { event.preventDefault(); field.focus(); } }, `${field.question}: ${message}`) : message);
    fill(this.#summary, wrong.length > 0
      ? [h('h2', {}, wrong.length === 1 ? either('One answer is not complete yet', 'Una respuesta aún no está completa') : either(`${wrong.length} answers are not complete yet`, `${wrong.length} respuestas aún no están completas`)), h('ul', {}, ...wrong.map(link))]
      : [h('p', {}, reason(problem))]);
    this.#summary.hidden = false;
    this.#summary.focus();
    this.#show();
  }
}

customElements.define('care-form-fill', FormFill);
