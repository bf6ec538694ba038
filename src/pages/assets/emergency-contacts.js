// Owns: naming whom to call in an emergency: a few people, saved together. What was typed stays until it is saved.

import { api } from './api.js';
import { field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either } from './either.js';
import { check, unmark } from './fields.js';
import { orSay } from './or-say.js';

const MOST = 5;
const AT = 'portal/profile/emergency-contacts';

class EmergencyContacts extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #list = h('div', { class: 'stack' });
  #add = button(either('Add somebody', 'Agregar a alguien'), { onclick: () => this.#another() });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #said = h('p', { class: 'done', role: 'status' }, either('Loading…', 'Cargando…'));
  /** How many people were asked for: a name for each one's fields that no other has. */
  #made = 0;

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#form, this.#failure, this.#said);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#said.textContent = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(async () => this.#draw((await api('GET', AT)).items));
  }

  #draw(items) {
    fill(this.#list, items.map((item) => this.#person(item)));
    fill(this.#form, this.#list,
      h('div', { class: 'button-row' }, this.#add, h('button', { type: 'submit', class: 'button primary' }, either('Save', 'Guardar'))));
    this.#said.textContent = '';
    this.#count();
  }

  #person({ name = '', relationship = '', phone = '' } = {}) {
    const at = this.#made++;
    const input = (of, attributes) => h('input', { name: `items.${at}.${of}`, autocomplete: 'off', maxlength: 200, ...attributes });
    const node = h('fieldset', { class: 'contact', 'data-at': at },
      h('legend', {}, name || either('Somebody to call', 'Alguien a quien llamar')),
      field(either('Name', 'Nombre'), input('name', { value: name, required: true, dir: 'auto' })),
      h('div', { class: 'side-by-side' },
        field(either('What they are to you', 'Qué es de usted'), input('relationship', { value: relationship ?? '', placeholder: either('My sister', 'Mi hermana') })),
        field(either('Telephone', 'Teléfono'), input('phone', { value: phone, type: 'tel', required: true }))),
      h('div', {}, button(either('Take out', 'Quitar'), { kind: 'small', 'aria-label': `${either('Take out', 'Quitar a')} ${name || either('this person', 'esta persona')}`, onclick: () => {
        node.remove();
        this.#said.textContent = either('Taken out. Save to keep it so.', 'Se quitó. Guarde para que quede así.');
        this.#count();
        this.#add.focus();
      } })));
    return node;
  }

  #another() {
    const node = this.#person();
    this.#list.append(node);
    node.querySelector('input').focus();
    this.#count();
  }

  #count() {
    this.#add.hidden = this.#list.childElementCount >= MOST;
  }

  async #save() {
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    if (!check(this.#form)) return;
    const people = [...this.#list.children];
    const of = (node, name) => this.#form.elements[`items.${node.dataset.at}.${name}`].value.trim();
    const items = people.map((node) => ({ name: of(node, 'name'), relationship: of(node, 'relationship') || null, phone: of(node, 'phone') }));
    try {
      this.#draw((await api('PUT', AT, { body: { items } })).items);
    } catch (problem) {
      throw this.#asShown(problem, people);
    }
    this.#said.textContent = either('Saved.', 'Guardado.');
  }

  /** The hub counts the people it was given; the fields are named as they were made. */
  #asShown(problem, people) {
    for (const error of problem.answer?.errors ?? []) {
      error.pointer = error.pointer.replace(/^\/items\/(\d+)\//, (_, at) => `/items/${people[at].dataset.at}/`);
    }
    return problem;
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#said, failure: this.#failure }, act);
  }
}

customElements.define('care-emergency-contacts', EmergencyContacts);
