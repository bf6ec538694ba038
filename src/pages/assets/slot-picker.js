// Owns: choosing a free time: days as buttons, times of a day as radio buttons, all by keyboard. Times are shown as clocks
// here show them, and the page says which zone that is. What is free is said by the hub, again when it says no. The practice
// may write down another time: it decides for itself.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { atBeginning, clockOf, dayOf, isoDay, zoneWords } from './appointment-words.js';
import { field } from './dialog.js';
import { either, reason } from './either.js';

const DAYS = 14;
let pickers = 0;

export class SlotPicker extends HTMLElement {
  #name = `slot-${++pickers}`;
  #from = new Date();
  #slots = [];
  #message = h('p', { class: 'hint', role: 'status' });
  #days = h('div', { class: 'slot-days', role: 'group', 'aria-label': either('Day', 'Día') });
  #times = h('fieldset', { class: 'slot-times' });
  #earlier = button(either('Earlier', 'Antes'), { kind: 'small', onclick: () => this.#page(-1) });
  #later = button(either('Later', 'Después'), { kind: 'small', onclick: () => this.#page(1) });
  #written = h('input', { type: 'datetime-local', oninput: () => this.#write() });
  #reading = 0;

  connectedCallback() {
    if (this.#days.isConnected) return;
    fill(this, h('div', { class: 'button-row' }, this.#earlier, this.#later), this.#message, this.#days, this.#times,
      this.#door === 'ehr' && field('Or any other time', this.#written, 'Outside of hours, too; not where somebody else has it.'),
      h('p', { class: 'hint' }, zoneWords()));
    if (this.getAttribute('clinician')) this.reload();
  }

  /** Whose way to free times. */
  get #door() {
    return this.getAttribute('door') ?? 'portal';
  }

  /** The chosen beginning, or null. */
  get value() {
    const { value } = this.#written;
    return value ? new Date(value).toISOString() : this.querySelector('input[type=radio]:checked')?.value ?? null;
  }

  set clinician(id) {
    this.setAttribute('clinician', id);
    this.#from = new Date();
    this.reload();
  }

  async reload() {
    const reading = ++this.#reading;
    const until = new Date(this.#from.getTime() + DAYS * 86_400_000);
    this.#message.textContent = either('Looking for free times…', 'Buscando horas libres…');
    this.#earlier.disabled = this.#from <= new Date();
    try {
      const items = [];
      for (let from = this.#from.toISOString(); from;) {
        const query = new URLSearchParams({ clinician: this.getAttribute('clinician'), from, until: until.toISOString() });
        const page = await api('GET', `${this.#door}/slots?${query}`);
        if (reading !== this.#reading) return;
        items.push(...page.items);
        from = page.next;
      }
      this.#slots = items;
      const span = `${dayOf(this.#from)} ${either('to', 'a')} ${dayOf(until)}`;
      const found = items.length === 1 ? either('1 free time', '1 hora libre') : `${items.length} ${either('free times', 'horas libres')}`;
      this.#message.textContent = items.length > 0 ? `${found}, ${span}.` : either(`No free time, ${span}. Look later.`, `Ninguna hora libre, ${span}. Mire después.`);
      this.#draw();
    } catch (problem) {
      if (reading !== this.#reading) return;
      fill(this.#message, reason(problem), ' ', button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.reload() }));
    }
  }

  #page(by) {
    this.#from = new Date(Math.max(Date.now(), this.#from.getTime() + by * DAYS * 86_400_000));
    this.reload();
  }

  #draw() {
    const byDay = Map.groupBy(this.#slots, ({ startsAt }) => isoDay(startsAt));
    const days = [...byDay.keys()];
    fill(this.#days, ...days.map((day, at) => button(atBeginning(dayOf(byDay.get(day)[0].startsAt)), { kind: 'small', 'aria-pressed': String(at === 0), onclick: ({ currentTarget }) => {
      for (const other of this.#days.children) other.setAttribute('aria-pressed', String(other === currentTarget));
      this.#show(byDay.get(day));
    } })));
    if (days.length > 0) this.#show(byDay.get(days[0]));
    else fill(this.#times);
  }

  #show(slots) {
    fill(this.#times, h('legend', {}, atBeginning(dayOf(slots[0].startsAt))), ...slots.map(({ startsAt }) =>
      h('label', { class: 'slot' }, h('input', { type: 'radio', name: this.#name, value: startsAt, onchange: () => this.#choose() }), clockOf(startsAt))));
    this.#chosen();
  }

  /** One or the other. */
  #choose() {
    this.#written.value = '';
    this.#chosen();
  }

  #write() {
    const chosen = this.querySelector('input[type=radio]:checked');
    if (chosen && this.#written.value) chosen.checked = false;
    this.#chosen();
  }

  #chosen() {
    this.dispatchEvent(new CustomEvent('chosen', { detail: this.value }));
  }
}

customElements.define('care-slots', SlotPicker);
