// Owns: the schedule by month, week and day. Nothing is dragged: each day and appointment is a button, so that all of it
// works by keyboard and on a phone. Times are shown as clocks here show them.

import { api } from './api.js';
import { clockOf, dayOf, isoDay, ownZone, stateForStaff, zoneWords } from './appointment-words.js';
import { make } from './appointment-acts.js';
import { button, fill, h, spoken } from './dom.js';
import { appointmentNode } from './staff-appointments.js';

const VIEWS = { day: 'Day', week: 'Week', month: 'Month' };
const shift = (at, days) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days);
const weekOf = (at) => shift(at, -((at.getDay() + 6) % 7));
const shortDay = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });

class Schedule extends HTMLElement {
  #view = matchMedia('(max-width: 40rem)').matches ? 'day' : 'week';
  #at = shift(new Date(), 0);
  #who = h('select', { name: 'clinician', 'aria-label': 'Whose appointments', onchange: () => this.#read() });
  #title = h('h2', { tabindex: '-1', 'aria-live': 'polite' });
  #message = h('p', { class: 'hint', role: 'status' }, 'Loading…');
  #body = h('div', {});
  #clinicians = [];
  #zone = ownZone();
  // With whom, and on whose clocks, has to be known first.
  #new = button('New appointment', { icon: 'plus', kind: 'small', disabled: true, onclick: () => this.#make() });
  #reading = 0;

  connectedCallback() {
    const views = h('div', { class: 'button-row', role: 'group', 'aria-label': 'View' }, ...Object.entries(VIEWS).map(([view, words]) =>
      button(words, { kind: 'small', 'data-view': view, 'aria-pressed': String(view === this.#view), onclick: () => this.#show(view) })));
    this.append(
      h('div', { class: 'schedule-head' }, this.#title, views),
      h('div', { class: 'schedule-head' },
        h('div', { class: 'button-row' }, button('Before', { kind: 'small', onclick: () => this.#move(-1) }), button('Today', { kind: 'small', onclick: () => this.#go(new Date()) }), button('After', { kind: 'small', onclick: () => this.#move(1) })),
        h('div', { class: 'button-row' }, this.#who, this.#new)),
      this.#message, this.#body, h('p', { class: 'hint' }, zoneWords()));
    document.addEventListener('care:appointments', () => this.#read());
    this.#start();
  }

  async #start() {
    try {
      const { clinicians, timeZone, user } = await api('GET', 'ehr/availability');
      this.#clinicians = clinicians.length > 0 ? clinicians : [{ id: user, name: 'Me' }];
      this.#zone = timeZone;
      fill(this.#who, h('option', { value: '' }, 'Everybody I see'), ...clinicians.map(({ id, name }) => h('option', { value: id, selected: id === user }, name)));
      this.#new.disabled = false;
      await this.#read();
    } catch (problem) {
      fill(this.#message, problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#start() }));
    }
  }

  #show(view) {
    this.#view = view;
    for (const one of this.querySelectorAll('[data-view]')) one.setAttribute('aria-pressed', String(one.dataset.view === view));
    this.#read();
  }

  #go(at, view = this.#view) {
    this.#at = shift(at, 0);
    this.#show(view);
  }

  #move(by) {
    const next = {
      day: () => shift(this.#at, by),
      week: () => shift(this.#at, 7 * by),
      month: () => new Date(this.#at.getFullYear(), this.#at.getMonth() + by, 1),
    };
    this.#go(next[this.#view]());
  }

  get #span() {
    if (this.#view === 'day') return [this.#at, shift(this.#at, 1)];
    if (this.#view === 'week') return [weekOf(this.#at), shift(weekOf(this.#at), 7)];
    const first = new Date(this.#at.getFullYear(), this.#at.getMonth(), 1);
    const last = new Date(this.#at.getFullYear(), this.#at.getMonth() + 1, 0);
    return [weekOf(first), shift(weekOf(last), 7)];
  }

  async #read() {
    const reading = ++this.#reading;
    const [from, until] = this.#span;
    this.#title.textContent = { day: dayOf(from), week: `${shortDay.format(from)} to ${shortDay.format(shift(until, -1))}`, month: monthName.format(this.#at) }[this.#view];
    this.#message.textContent = 'Loading…';
    try {
      const items = [];
      let cursor = null;
      do {
        const query = new URLSearchParams({ status: 'all', from: from.toISOString(), until: until.toISOString(), limit: 200, ...(this.#who.value && { clinician: this.#who.value }), ...(cursor && { cursor }) });
        const page = await api('GET', `ehr/appointments?${query}`);
        if (reading !== this.#reading) return;
        items.push(...page.items.filter(({ state }) => state !== 'cancelled'));
        cursor = page.next;
      } while (cursor && items.length < 2_000);
      this.#message.textContent = items.length > 0 ? `${items.length} ${items.length === 1 ? 'appointment' : 'appointments'}.` : 'No appointments.';
      this.#draw(items, from, until);
    } catch (problem) {
      if (reading !== this.#reading) return;
      fill(this.#message, problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw(items, from, until) {
    const byDay = Map.groupBy(items, ({ startsAt }) => isoDay(startsAt));
    if (this.#view === 'day') return fill(this.#body, h('ul', { class: 'records' }, ...items.map(appointmentNode)));
    const days = [];
    for (let at = from; at < until; at = shift(at, 1)) days.push(at);
    fill(this.#body, h('ol', { class: `schedule-${this.#view}` }, ...days.map((at) => this.#cell(at, byDay.get(isoDay(at)) ?? []))));
  }

  #cell(at, items) {
    const today = isoDay(at) === isoDay(new Date());
    const other = this.#view === 'month' && at.getMonth() !== this.#at.getMonth();
    const few = this.#view === 'month' ? items.slice(0, 3) : items;
    return h('li', { class: `schedule-day${today ? ' today' : ''}${other ? ' other' : ''}` },
      h('button', { type: 'button', class: 'link', 'aria-current': today && 'date', onclick: () => this.#go(at, 'day') },
        this.#view === 'month' ? [String(at.getDate()), spoken(` ${monthName.format(at)}`)] : shortDay.format(at), spoken(`, ${items.length} appointments`)),
      h('ul', {}, ...few.map((one) => h('li', {}, h('a', { class: `schedule-item ${one.state}`, href: `/ehr/appointments/${one.id}` },
        h('span', { class: 'schedule-time' }, clockOf(one.startsAt)), ' ', h('bdi', {}, one.client.name), spoken(`, ${stateForStaff(one.state)}`)))),
      items.length > few.length && h('li', { class: 'hint' }, `and ${items.length - few.length} more`)));
  }

  #make() {
    make({ clinicians: this.#clinicians, clinician: this.#who.value, day: isoDay(this.#at < new Date() ? shift(new Date(), 1) : this.#at), zone: this.#zone });
  }
}

customElements.define('care-schedule', Schedule);
