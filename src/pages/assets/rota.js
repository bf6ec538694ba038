// Owns: the week that comes back: who is on call from when to when, by layer, in the practice's own time. The week is
// saved whole; one that a colleague changed meanwhile is not overwritten.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { unmark } from './fields.js';
import { orSay } from './or-say.js';
import { LAYERS, WEEKDAYS } from './rota-words.js';

class Rota extends HTMLElement {
  #rows = h('div', { class: 'shifts' });
  #form = h('form', {});
  #zone = h('p', { class: 'hint' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #revision = null;
  #colleagues = [];
  #shifts = [];

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#zone, this.#form, this.#failure, this.#done);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(() => this.#load());
  }

  async #load() {
    const [{ items }, rota] = await Promise.all([api('GET', 'ehr/colleagues'), api('GET', 'ehr/on-call')]);
    this.#colleagues = items;
    this.#take(rota);
    this.#done.textContent = '';
  }

  #take({ revision, shifts, timeZone }) {
    this.#revision = revision;
    this.#shifts = shifts.map(({ user, ...shift }) => ({ ...shift, user: user?.id ?? user, name: user?.name }));
    this.#zone.textContent = `As clocks at the practice show it (${timeZone}). A shift that ends at the time it begins lasts a whole day; one that ends earlier goes on until the next day.`;
    this.#draw();
  }

  #draw() {
    if (!this.hasAttribute('editable')) return this.#drawRead();
    fill(this.#rows, ...this.#shifts.map((shift, at) => this.#row(shift, at)),
      this.#shifts.length === 0 && h('p', { class: 'hint' }, 'No shifts yet: nobody is on call.'));
    fill(this.#form, this.#rows, h('div', { class: 'button-row' },
      button('Add a shift', { icon: 'plus', onclick: () => this.#add() }),
      h('button', { type: 'submit', class: 'button primary' }, 'Save the week')));
  }

  /** For those who may look, and not change. */
  #drawRead() {
    fill(this.#form, h('ul', { class: 'records' }, ...this.#shifts.map(({ layer, name, weekday, starts, ends }) =>
      h('li', {}, `${WEEKDAYS[weekday - 1]}, ${starts} to ${ends}: ${name}`, ' ', h('span', { class: 'tag' }, LAYERS[layer] ?? layer)))),
    this.#shifts.length === 0 && h('p', { class: 'hint' }, 'No shifts yet: nobody is on call.'));
  }

  #row({ layer, user, name, weekday, starts, ends }, at) {
    const people = this.#colleagues.some(({ id }) => id === user) || !user ? this.#colleagues : [{ id: user, name: name ?? 'Somebody who left' }, ...this.#colleagues];
    const choose = (words, key, options, chosen) => h('label', { class: 'field' }, h('span', {}, words),
      h('select', { name: `shifts.${at}.${key}`, required: true }, ...options.map(([value, text]) => h('option', { value, selected: String(value) === String(chosen) }, text))));
    const time = (words, key, value) => h('label', { class: 'field' }, h('span', {}, words), h('input', { type: 'time', name: `shifts.${at}.${key}`, required: true, value: value?.slice(0, 5) }));
    return h('fieldset', { class: 'shift-row', 'data-shift': at }, h('legend', { class: 'visually-hidden' }, `Shift ${at + 1}`),
      choose('Day', 'weekday', WEEKDAYS.map((words, day) => [day + 1, words]), weekday),
      time('From', 'starts', starts), time('Until', 'ends', ends),
      choose('Who', 'user', [['', 'Choose somebody'], ...people.map(({ id, name: words }) => [id, words])], user ?? ''),
      choose('As', 'layer', Object.entries(LAYERS), layer),
      h('div', {}, button('Remove', { kind: 'small', 'aria-label': `Remove shift ${at + 1}`, onclick: () => this.#remove(at) })));
  }

  #written() {
    const { elements } = this.#form;
    return this.#shifts.map((_, at) => {
      const value = (key) => elements[`shifts.${at}.${key}`].value;
      return { layer: value('layer'), user: value('user'), weekday: Number(value('weekday')), starts: value('starts'), ends: value('ends') };
    });
  }

  #add() {
    const shifts = this.#written();
    const last = shifts.at(-1);
    this.#shifts = [...shifts, last ? { ...last, weekday: (last.weekday % 7) + 1 } : { layer: 'onCall', user: '', weekday: 1, starts: '08:00', ends: '08:00' }];
    this.#draw();
    this.#rows.querySelector(`[data-shift="${this.#shifts.length - 1}"] select`)?.focus();
  }

  #remove(at) {
    this.#shifts = this.#written().toSpliced(at, 1);
    this.#draw();
    (this.#rows.querySelector(`[data-shift="${Math.min(at, this.#shifts.length - 1)}"] select`) ?? this.#form.querySelector('button'))?.focus();
  }

  async #save() {
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    const shifts = this.#written();
    if (shifts.some(({ user }) => !user)) throw new Error('Choose somebody for every shift.');
    this.#take(await api('PUT', 'ehr/on-call', { body: { revision: this.#revision, shifts } }));
    this.#done.textContent = 'Saved.';
    document.dispatchEvent(new CustomEvent('care:rota'));
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-rota', Rota);
