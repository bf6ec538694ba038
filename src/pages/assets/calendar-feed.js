// Owns: the address by which calendar programs read one's appointments: made, shown once, ended.

import { api } from './api.js';
import { button, fill, h } from './dom.js';

const path = 'portal/appointments/feed';

class CalendarFeed extends HTMLElement {
  #body = h('div', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(this.#body, this.#failure);
    this.#run(() => this.#load());
  }

  async #load() {
    const { madeAt, showsNames } = await api('GET', path);
    const names = h('input', { type: 'checkbox', name: 'names' });
    names.checked = showsNames;
    fill(this.#body,
      h('p', { class: 'hint' }, 'Apple, Google and Outlook can show your appointments, and keep them up to date, from an address of your own. Whoever knows the address can see when you have appointments.'),
      madeAt && h('p', {}, `You made an address on ${new Date(madeAt).toLocaleDateString(undefined, { dateStyle: 'long' })}. It is shown only when it is made.`),
      h('label', { class: 'choice' }, names, 'Name the clinician in each appointment'),
      h('div', { class: 'button-row' },
        button(madeAt ? 'Make another address' : 'Make an address', { onclick: () => this.#run(() => this.#make(names.checked)) }),
        madeAt && button('End the address', { kind: 'quiet', onclick: () => this.#run(async () => { await api('DELETE', path); await this.#load(); this.#body.querySelector('button').focus(); }) })));
  }

  async #make(showsNames) {
    const { url } = await api('POST', path, { body: { showsNames } });
    await this.#load();
    const shown = h('input', { readonly: true, value: url, 'aria-label': 'The address', onfocus: ({ target }) => target.select() });
    this.#body.append(h('div', { class: 'stack', role: 'status' }, h('p', {}, 'Copy this address into your calendar program as a subscription. The one before ends.'), shown,
      h('a', { href: url.replace(/^https?:/, 'webcal:') }, 'Open it in this device’s calendar')));
    shown.focus();
  }

  async #run(work) {
    this.#failure.hidden = true;
    try {
      await work();
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-calendar-feed', CalendarFeed);
