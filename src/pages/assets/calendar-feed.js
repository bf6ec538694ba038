// Owns: the address by which calendar programs read one's appointments: made, shown once, ended.

import { api } from './api.js';
import { dateOf } from './appointment-words.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';

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
      h('p', { class: 'hint' }, either('Apple, Google and Outlook can show your appointments, and keep them up to date, from an address of your own. Whoever knows the address can see when you have appointments.', 'Apple, Google y Outlook pueden mostrar sus citas, y mantenerlas al día, desde una dirección solo suya. Quien conozca la dirección puede ver cuándo tiene citas.')),
      madeAt && h('p', {}, either(`You made an address on ${dateOf(madeAt)}. It is shown only when it is made.`, `Creó una dirección el ${dateOf(madeAt)}. Solo se muestra al crearla.`)),
      h('label', { class: 'choice' }, names, either('Name the clinician in each appointment', 'Nombrar al terapeuta en cada cita')),
      h('div', { class: 'button-row' },
        button(madeAt ? either('Make another address', 'Crear otra dirección') : either('Make an address', 'Crear una dirección'), { onclick: () => this.#run(() => this.#make(names.checked)) }),
        madeAt && button(either('End the address', 'Anular la dirección'), { kind: 'quiet', onclick: () => this.#run(async () => { await api('DELETE', path); await this.#load(); this.#body.querySelector('button').focus(); }) })));
  }

  async #make(showsNames) {
    const { url } = await api('POST', path, { body: { showsNames } });
    await this.#load();
    const shown = h('input', { readonly: true, value: url, 'aria-label': either('The address', 'La dirección'), onfocus: ({ target }) => target.select() });
    this.#body.append(h('div', { class: 'stack', role: 'status' }, h('p', {}, either('Copy this address into your calendar program as a subscription. The one before ends.', 'Copie esta dirección en su programa de calendario como suscripción. La anterior deja de servir.')), shown,
      h('a', { href: url.replace(/^https?:/, 'webcal:') }, either('Open it in this device’s calendar', 'Abrirla en el calendario de este dispositivo'))));
    shown.focus();
  }

  async #run(work) {
    this.#failure.hidden = true;
    try {
      await work();
    } catch (problem) {
      this.#failure.textContent = reason(problem);
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-calendar-feed', CalendarFeed);
