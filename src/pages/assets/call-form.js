// Owns: a form that is one call of the API: <care-form call="PATCH portal/profile" load="portal/profile" done="Saved.">
// around a <form>. Errors stand next to their fields, what was typed stays, and the outcome is said aloud.
// It knows no call by name, and never sends twice at once.

import { api } from './api.js';
import { fill, h } from './dom.js';
import { either, reason } from './either.js';
import { check, fillIn, showErrors, unmark, values } from './fields.js';
import { withRecent } from './recent.js';

const SHOW = either(['Show', 'Show the password'], ['Mostrar', 'Mostrar la contraseña']);
const HIDE = either(['Hide', 'Hide the password'], ['Ocultar', 'Ocultar la contraseña']);

export class CallForm extends HTMLElement {
  /** May change what is sent. */
  prepare = (body) => body;
  #form = this.querySelector('form');
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' });
  #busy = false;

  connectedCallback() {
    if (!this.#form || this.#failure.isConnected) return;
    this.#form.noValidate = true;
    this.#form.append(this.#failure, this.#done);
    for (const input of this.#form.querySelectorAll('input[type=password]')) reveal(input);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#say('');
    });
    if (this.getAttribute('load')) this.load();
  }

  get form() {
    return this.#form;
  }

  /** Fills the form with what is stored. Nothing can be changed before that is there. */
  async load() {
    this.#form.inert = true;
    this.#say(either('Loading…', 'Cargando…'));
    try {
      const data = await api('GET', this.getAttribute('load'));
      fillIn(this.#form, data);
      this.#form.inert = false;
      this.#say('');
      this.#tell('loaded', data);
    } catch (problem) {
      this.#say('');
      this.#refuse(reason(problem));
    }
  }

  async submit() {
    if (this.#busy) return;
    this.#failure.hidden = true;
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    if (!check(this.#form)) return;
    this.#become(true);
    try {
      const [method, path] = this.getAttribute('call').split(' ');
      const body = this.prepare(values(this.#form));
      const answer = await withRecent(() => api(method, path, { body }));
      this.#become(false);
      this.#succeeded(answer);
    } catch (problem) {
      this.#become(false);
      const left = problem.answer?.errors ? showErrors(this.#form, problem.answer.errors) : [reason(problem)];
      if (left.length > 0) this.#refuse(left.join(' '));
    }
  }

  #succeeded(answer) {
    if (this.hasAttribute('empties')) this.#form.reset();
    this.#tell('done', answer);
    const next = this.getAttribute('next');
    if (next) return location.assign(next);
    const after = this.querySelector('template');
    if (!after) return this.#say(this.getAttribute('done') ?? either('Saved.', 'Guardado.'));
    fill(this, after.content.cloneNode(true));
    this.querySelector('[tabindex]')?.focus();
  }

  #become(busy) {
    this.#busy = busy;
    this.#form.toggleAttribute('aria-busy', busy);
    this.#say(busy ? either('One moment…', 'Un momento…') : '');
  }

  #say(words) {
    if (this.#done.textContent !== words) this.#done.textContent = words;
  }

  #refuse(words) {
    this.#failure.textContent = words;
    this.#failure.hidden = false;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }
}

/** A password is easier to type right when it can be looked at. */
function reveal(input) {
  const toggle = h('button', { type: 'button', class: 'reveal', 'aria-label': SHOW[1], onclick: () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    input.dataset.secret = 'yes';
    const [words, name] = shown ? HIDE : SHOW;
    toggle.textContent = words;
    toggle.setAttribute('aria-label', name);
  } }, SHOW[0]);
  const frame = h('span', { class: 'with-reveal' });
  input.replaceWith(frame);
  frame.append(input, toggle);
}

customElements.define('care-form', CallForm);
