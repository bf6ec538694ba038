// Owns: how the practice handles appointments, as administrators decide it: what clients may do by themselves, and what
// giving an appointment up late costs.

import { api } from './api.js';
import { field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { unmark } from './fields.js';
import { decimal, minor } from './money.js';
import { orSay } from './or-say.js';

const path = 'admin/appointment-policy';
const SWITCHES = { mayView: 'Clients see their appointments', mayRequest: 'Clients ask for appointments', mayBook: 'What clients ask for is confirmed at once', mayCancel: 'Clients cancel and move appointments' };
const LATE = { free: 'It costs nothing', fee: 'It costs a fee, which the client accepts', phoneOnly: 'Clients have to call' };

class AppointmentPolicy extends HTMLElement {
  #form = h('form', { class: 'stack' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #revision = 0;
  #currency = 'USD';

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
    this.#tell(async () => {
      this.#take(await api('GET', path));
      this.#done.textContent = '';
    });
  }

  #take(policy) {
    this.#revision = policy.revision;
    this.#currency = policy.fee.currency;
    fill(this.#form,
      h('fieldset', { class: 'choices' }, h('legend', {}, 'What clients may do'), ...Object.entries(SWITCHES).map(([name, words]) =>
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name, checked: policy[name] }), words))),
      field('Up to how many hours before it begins is an appointment given up in time?', h('input', { type: 'number', name: 'windowMinutes', min: 0, max: 336, step: 'any', value: policy.windowMinutes / 60, required: true })),
      field('Later than that', h('select', { name: 'late' }, ...Object.entries(LATE).map(([value, words]) => h('option', { value, selected: value === policy.late }, words)))),
      field(`The fee (${policy.fee.currency})`, h('input', { name: 'fee.amount', inputmode: 'decimal', autocomplete: 'off', value: decimal(policy.fee.amount, policy.fee.currency), required: true })),
      field('Where clients call', h('input', { type: 'tel', name: 'phone', maxlength: 40, value: policy.phone ?? '' })),
      field('Reminders, hours before', h('input', { name: 'reminderMinutes', value: policy.reminderMinutes.map((minutes) => minutes / 60).join(', ') }), 'With commas between them, such as 24, 1.'),
      h('div', {}, button('Save', { type: 'submit', kind: 'primary' })));
  }

  async #save() {
    const { elements } = this.#form;
    const hours = elements.reminderMinutes.value.split(',').map((text) => text.trim()).filter(Boolean).map(Number);
    if (hours.some(Number.isNaN)) throw new Error('Write the reminders as numbers with commas between them.');
    const fee = minor(elements['fee.amount'].value, this.#currency);
    if (fee === null) throw new Error(`Write the fee as an amount, such as ${decimal(7_500, this.#currency)}.`);
    this.#take(await api('PUT', path, { body: {
      revision: this.#revision,
      ...Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, elements[name].checked])),
      windowMinutes: Math.round(Number(elements.windowMinutes.value) * 60), late: elements.late.value,
      fee: { amount: fee, currency: this.#currency },
      phone: elements.phone.value.trim() || null, reminderMinutes: hours.map((hour) => Math.round(hour * 60)),
    } }));
    this.#done.textContent = 'Saved.';
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, act);
  }
}

customElements.define('care-appointment-policy', AppointmentPolicy);
