// Owns: how somebody wants to be told: kinds by channels, quiet hours, one e-mail for many. What nobody may turn off is
// not offered. All of it is saved at once.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either } from './either.js';
import { CHANNELS as ENGLISH } from './escalation-words.js';
import { unmark } from './fields.js';
import { kindWords } from './notice-words.js';
import { orSay } from './or-say.js';
import { door } from './page.js';

const path = `${door}/account/notifications`;
const CHANNELS = either(ENGLISH, { ...ENGLISH, email: 'Correo' });
const DAYS = either(
  { monday: 'Mon', tuesday: 'Tue', wednesday: 'Wed', thursday: 'Thu', friday: 'Fri', saturday: 'Sat', sunday: 'Sun' },
  { monday: 'lun.', tuesday: 'mar.', wednesday: 'mié.', thursday: 'jue.', friday: 'vie.', saturday: 'sáb.', sunday: 'dom.' },
);
const OUTSIDE = ['email', 'sms', 'push'];
const LANGUAGES = { en: 'English', es: 'Español' };
const UNREACHABLE = either({
  email: 'E-mails do not reach you at present: agree to them under Privacy.',
  sms: 'Text messages do not reach you at present: confirm a phone below.',
  push: 'Push messages do not reach you at present: no device of yours takes them.',
}, {
  email: 'Por ahora no le llegan correos: dé su consentimiento en «Privacidad».',
  sms: 'Por ahora no le llegan mensajes de texto: confirme un teléfono más abajo.',
  push: 'Por ahora no le llegan avisos al dispositivo: ninguno de los suyos los recibe.',
});

const LOADING = either('Loading…', 'Cargando…');

class NoticeChoices extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, LOADING);
  #kinds = [];
  #digest = null;

  connectedCallback() {
    this.append(this.#form, this.#failure, this.#done);
    this.#form.noValidate = true;
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
      this.#dependents();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(() => this.#load());
  }

  async #load() {
    this.#draw(await api('GET', path));
    this.#done.textContent = '';
  }

  #draw({ kinds, quietHours, digest, timeZone, language, reachable }) {
    this.#kinds = kinds.filter(({ choices }) => choices.length > 0);
    this.#digest = digest;
    const time = (words, name, value) => h('label', { class: 'field' }, h('span', {}, words), h('input', { type: 'time', name, value, required: true }));
    const chosen = (words, name, options, value) => h('label', { class: 'field' }, h('span', {}, words),
      h('select', { name }, ...options.map(([one, text]) => h('option', { value: one, selected: one === value }, text))));
    fill(this.#form,
      h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': either('Kinds and ways', 'Clases y medios') }, h('table', { class: 'preferences' },
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, either('Kind', 'Clase')), ...OUTSIDE.map((channel) => h('th', { scope: 'col' }, CHANNELS[channel])))),
        h('tbody', {}, ...this.#kinds.map(({ kind, choices, channels }) => h('tr', {}, h('th', { scope: 'row' }, kindWords(kind)),
          ...OUTSIDE.map((channel) => h('td', {}, choices.includes(channel) && h('label', {},
            h('span', { class: 'visually-hidden' }, `${kindWords(kind)}: ${CHANNELS[channel]}`),
            h('input', { type: 'checkbox', name: `channels.${kind}`, value: channel, checked: channels.includes(channel) }))))))))),
      ...OUTSIDE.filter((channel) => reachable?.[channel] === false).map((channel) => h('p', { class: 'hint' }, UNREACHABLE[channel])),
      // A client's stand with the rest of their profile.
      door === 'ehr' && h('div', { class: 'side-by-side' },
        chosen('Language of what you are sent', 'language', Object.entries(LANGUAGES), language),
        chosen('Time zone', 'timeZone', [...new Set([timeZone, ...Intl.supportedValuesOf('timeZone')])].map((zone) => [zone, zone.replaceAll('_', ' ')]), timeZone)),
      h('fieldset', { class: 'stack' }, h('legend', {}, either('Quiet hours', 'Horas de silencio')),
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'quiet', checked: quietHours !== null }), either('Nothing outside of Carehub at night', 'Nada fuera de Carehub por la noche')),
        h('div', { class: 'side-by-side', 'data-with': 'quiet' }, time(either('From', 'Desde'), 'quietHours.from', quietHours?.from ?? '21:00'), time(either('Until', 'Hasta'), 'quietHours.until', quietHours?.until ?? '08:00')),
        h('p', { class: 'hint' }, either('By the clock of your time zone. What comes meanwhile is told afterwards. Emergencies and your account’s security are told at any hour.',
          'Según el reloj de su zona horaria. De lo que llegue entretanto se le avisa después. De emergencias y de la seguridad de su cuenta se avisa a cualquier hora.'))),
      h('fieldset', { class: 'stack' }, h('legend', {}, either('One e-mail for many', 'Un correo para varios avisos')),
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'gathers', checked: digest !== null }), either('Gather what can wait into one e-mail', 'Reunir en un solo correo lo que puede esperar')),
        h('div', { class: 'stack', 'data-with': 'gathers' },
          h('div', { class: 'side-by-side' }, time(either('At', 'A las'), 'digest.at', digest?.at ?? '17:00')),
          h('div', { class: 'choice-row', role: 'group', 'aria-label': either('On these days', 'Estos días') }, ...Object.entries(DAYS).map(([day, words]) =>
            h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'digest.days', value: day, checked: !digest || digest.days.length === 0 || digest.days.includes(day) }), words))))),
      h('div', {}, button(either('Save', 'Guardar'), { type: 'submit', kind: 'primary' })));
    this.#dependents();
  }

  /** What depends on an unticked box is not there. */
  #dependents() {
    for (const part of this.#form.querySelectorAll('[data-with]')) part.hidden = !this.#form.elements[part.dataset.with].checked;
  }

  #ticked(name) {
    return [...this.#form.querySelectorAll(`[name="${name}"]:checked`)].map(({ value }) => value);
  }

  async #save() {
    const { elements } = this.#form;
    const days = this.#ticked('digest.days');
    if (elements.gathers.checked && days.length === 0) throw new Error(either('Choose at least one day for the gathered e-mail.', 'Elija al menos un día para el correo reunido.'));
    const gathered = this.#digest?.kinds ?? this.#kinds.filter(({ kind, choices }) => kind !== 'security' && choices.includes('email')).map(({ kind }) => kind);
    this.#draw(await api('PUT', path, { body: {
      language: elements.language?.value,
      timeZone: elements.timeZone?.value,
      channels: Object.fromEntries(this.#kinds.map(({ kind }) => [kind, this.#ticked(`channels.${kind}`)])),
      quietHours: elements.quiet.checked ? { from: elements['quietHours.from'].value, until: elements['quietHours.until'].value } : null,
      digest: elements.gathers.checked ? { at: elements['digest.at'].value, days, kinds: gathered } : null,
    } }));
    this.#done.textContent = either('Saved.', 'Guardado.');
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-notification-choices', NoticeChoices);
