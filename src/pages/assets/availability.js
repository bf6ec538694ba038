// Owns: when somebody takes appointments: the hours of a week, exceptions, and how long and how near. Saved as a whole; what
// a colleague changed meanwhile is not overwritten. What is booked stays booked.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { unmark } from './fields.js';
import { orSay } from './or-say.js';
import { record } from './records.js';
import { instantIn, WEEKDAYS, zoned } from './rota-words.js';

class Availability extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #exceptions = h('div', { class: 'stack' });
  #who = h('select', { name: 'user', 'aria-label': 'Whose hours' });
  #state = null;
  #hours = [];
  #reading = 0;

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#who, this.#form, this.#failure, this.#done, h('h3', {}, 'Away, or there for once'), this.#exceptions);
    this.#who.hidden = true;
    this.#who.addEventListener('change', () => this.#tell(() => this.#load()));
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(() => this.#start());
  }

  async #start() {
    if (this.hasAttribute('everybody')) {
      const { items } = await api('GET', 'ehr/colleagues');
      fill(this.#who, ...items.map(({ id, name }) => h('option', { value: id, selected: id === document.body.dataset.userId }, name)));
      this.#who.hidden = false;
    }
    await this.#load();
  }

  #read() {
    return api('GET', `ehr/availability${this.#who.value ? `?user=${this.#who.value}` : ''}`);
  }

  /** The hours of whoever is chosen. Until they are there, nothing of somebody else's is there to be changed. */
  async #load() {
    const reading = ++this.#reading;
    fill(this.#form);
    fill(this.#exceptions);
    this.#done.textContent = 'Loading…';
    const state = await this.#read();
    if (reading !== this.#reading) return;
    this.#take(state);
    this.#done.textContent = '';
  }

  /** What is written about the week, and not saved yet, stays. */
  async #loadExceptions() {
    const reading = this.#reading;
    const { exceptions } = await this.#read();
    if (reading !== this.#reading) return;
    this.#state.exceptions = exceptions;
    this.#drawExceptions();
  }

  #take(state) {
    this.#state = state;
    this.#hours = state.hours.map((hours) => ({ ...hours }));
    this.#draw();
    this.#drawExceptions();
  }

  #draw() {
    const { timeZone, sessionMinutes, bufferMinutes, stepMinutes, noticeMinutes, horizonDays, roomUrl, revision } = this.#state;
    const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
    if (!zones.includes(timeZone)) zones.push(timeZone);
    const number = (words, name, value, min, max, hint) => field(words, h('input', { type: 'number', name, value, min, max, required: true }), hint);
    fill(this.#form,
      revision === 0 && h('p', { class: 'hint' }, 'No hours yet: clients cannot ask for a time.'),
      field('Time zone of the hours', h('select', { name: 'timeZone' }, ...zones.map((zone) => h('option', { value: zone, selected: zone === timeZone }, zone.replaceAll('_', ' '))))),
      ...this.#hours.map((hours, at) => this.#row(hours, at)),
      h('div', {}, button('Add hours', { icon: 'plus', onclick: () => this.#add() })),
      h('div', { class: 'side-by-side' },
        number('Length of an appointment, in minutes', 'sessionMinutes', sessionMinutes, 5, 480), number('Free after each, in minutes', 'bufferMinutes', bufferMinutes, 0, 240),
        number('One can begin every so many minutes', 'stepMinutes', stepMinutes, 5, 480), number('Nobody asks for a time nearer than, in minutes', 'noticeMinutes', noticeMinutes, 0, 43_200), number('Nor farther than, in days', 'horizonDays', horizonDays, 1, 365)),
      field('Link for video', h('input', { type: 'url', name: 'roomUrl', value: roomUrl ?? '', maxlength: 500, placeholder: 'https://' }), 'Empty: a room of the practice’s own, where it has one.'),
      h('div', {}, button('Save the hours', { type: 'submit', kind: 'primary' })));
  }

  #row({ weekday, starts, ends }, at) {
    const time = (words, key, value) => field(words, h('input', { type: 'time', name: `hours.${at}.${key}`, value, required: true }));
    return h('fieldset', { class: 'shift-row', 'data-row': at }, h('legend', { class: 'visually-hidden' }, `Hours ${at + 1}`),
      field('Day', h('select', { name: `hours.${at}.weekday` }, ...WEEKDAYS.map((words, day) => h('option', { value: day + 1, selected: weekday === day + 1 }, words)))),
      time('From', 'starts', starts), time('Until', 'ends', ends),
      h('div', {}, button('Remove', { kind: 'small', 'aria-label': `Remove hours ${at + 1}`, onclick: () => this.#remove(at) })));
  }

  #written() {
    const { elements } = this.#form;
    return this.#hours.map((_, at) => ({ weekday: Number(elements[`hours.${at}.weekday`].value), starts: elements[`hours.${at}.starts`].value, ends: elements[`hours.${at}.ends`].value }));
  }

  #keep() {
    const { elements } = this.#form;
    const number = (name) => Number(elements[name].value);
    Object.assign(this.#state, { timeZone: elements.timeZone.value, roomUrl: elements.roomUrl.value.trim() || null },
      Object.fromEntries(['sessionMinutes', 'bufferMinutes', 'stepMinutes', 'noticeMinutes', 'horizonDays'].map((name) => [name, number(name)])));
  }

  #add() {
    this.#keep();
    this.#hours = this.#written();
    const last = this.#hours.at(-1);
    this.#hours.push(last ? { ...last, weekday: (last.weekday % 7) + 1 } : { weekday: 1, starts: '09:00', ends: '17:00' });
    this.#draw();
    this.#form.querySelector(`[data-row="${this.#hours.length - 1}"] select`).focus();
  }

  #remove(at) {
    this.#keep();
    this.#hours = this.#written().toSpliced(at, 1);
    this.#draw();
    (this.#form.querySelector(`[data-row="${Math.min(at, this.#hours.length - 1)}"] select`) ?? this.#form.querySelector('button')).focus();
  }

  async #save() {
    this.#keep();
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    const { user, revision, timeZone, sessionMinutes, bufferMinutes, stepMinutes, noticeMinutes, horizonDays, roomUrl } = this.#state;
    const reading = this.#reading;
    const saved = await api('PUT', 'ehr/availability', { body: { user, revision, timeZone, hours: this.#written(), sessionMinutes, bufferMinutes, stepMinutes, noticeMinutes, horizonDays, roomUrl } });
    if (reading !== this.#reading) return;
    this.#take(saved);
    this.#done.textContent = 'Saved.';
  }

  #drawExceptions() {
    const { exceptions, timeZone, revision } = this.#state;
    const words = zoned(timeZone);
    fill(this.#exceptions,
      exceptions.length > 0 ? h('ul', { class: 'records' }, ...exceptions.map(({ id, open, startsAt, endsAt }) => record({
        title: open ? 'There' : 'Away', lines: [`${words.short(startsAt)} to ${words.short(endsAt)}`],
        actions: [button('Remove', { kind: 'small', 'aria-label': `Remove: ${words.short(startsAt)}`, onclick: () => this.#tell(async () => { await api('DELETE', `ehr/availability/exceptions/${id}`); await this.#loadExceptions(); this.#exceptions.querySelector('button')?.focus(); }) })],
      }))) : h('p', { class: 'hint' }, 'Every week is like the others.'),
      revision > 0 && h('div', { class: 'button-row' }, button('Away', { icon: 'plus', onclick: () => this.#except(false) }), button('There all the same', { icon: 'plus', onclick: () => this.#except(true) })));
  }

  async #except(open) {
    const { timeZone, user } = this.#state;
    const at = (name) => h('input', { type: 'datetime-local', name, required: true });
    const done = await ask({
      title: open ? 'There all the same' : 'Away', content: [field('From', at('from')), field('Until', at('until')), h('p', { class: 'hint' }, `As clocks in ${timeZone.replaceAll('_', ' ')} show it. What is booked stays booked.`)], confirm: 'Save',
      act: (data) => api('POST', 'ehr/availability/exceptions', { body: { user, open, startsAt: instantIn(timeZone, data.get('from')), endsAt: instantIn(timeZone, data.get('until')) } }),
    });
    if (done) await this.#tell(() => this.#loadExceptions());
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-availability', Availability);
