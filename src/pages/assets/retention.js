// Owns: how long the practice keeps what. The page says what each rule does; the hub refuses what the law forbids,
// and never erases what a legal hold lies on.

import { api } from './api.js';
import { h } from './dom.js';
import { check, unmark } from './fields.js';
import { orSay } from './or-say.js';
import { withRecent } from './recent.js';

const WORDS = {
  clientRecords: ['Records of clients', 'A client of whom nothing was heard for so many days is erased for ever. Empty: never.'],
  drafts: ['Texts that were never sent', 'What somebody began to write and left. Empty: kept until it is sent or dropped.'],
  endedSignIns: ['Sign-ins that ended', 'From where and with which device people were signed in.'],
  deliveredMail: ['E-mails that were sent', 'To whom and when a notification went; never what a message said.'],
  notifications: ['What people were told', 'The list behind the bell: what kind of thing happened, and when.'],
};

class Retention extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #kinds = [];

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#form, this.#failure, this.#done);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#save());
    });
    this.#tell(async () => this.#draw((await api('GET', 'admin/retention')).items));
  }

  #draw(rules) {
    this.#kinds = rules.map(({ kind }) => kind);
    this.#form.replaceChildren(...rules.map(({ kind, days, leastDays }, at) => {
      const [words, hint] = WORDS[kind] ?? [kind, ''];
      return h('label', { class: 'field' }, h('span', {}, `${words}: days`),
        h('input', { type: 'number', name: `rules.${at}.days`, value: days ?? '', min: leastDays, max: 36500, inputmode: 'numeric', 'aria-describedby': `rule-${at}` }),
        h('span', { class: 'hint', id: `rule-${at}` }, `${hint} At least ${leastDays} days.`));
    }), h('div', {}, h('button', { type: 'submit', class: 'button primary' }, 'Save')));
    this.#done.textContent = '';
  }

  async #save() {
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    if (!check(this.#form)) return;
    const rules = this.#kinds.map((kind, at) => {
      const { value } = this.#form.elements[`rules.${at}.days`];
      return { kind, days: value === '' ? null : Number(value) };
    });
    const { items } = await withRecent(() => api('PUT', 'admin/retention', { body: { rules } }));
    this.#draw(items);
    this.#done.textContent = 'Saved.';
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-retention', Retention);
