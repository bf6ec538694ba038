// Owns: turning autopay on and off. What is agreed to is the hub's own wording, sent back word for word.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either, language, reason, when } from './either.js';
import { orSay } from './or-say.js';
import { methodField, noMethod, savedMethods } from './saved-methods.js';
import { say } from './toast.js';

class Autopay extends HTMLElement {
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #body = h('div', { class: 'stack' });
  #said = h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…'));

  connectedCallback() {
    this.append(this.#body, this.#failure, this.#said);
    document.addEventListener('cards-changed', this.#again);
    this.#again();
  }

  disconnectedCallback() {
    document.removeEventListener('cards-changed', this.#again);
  }

  #again = () => orSay({ said: this.#said, failure: this.#failure }, async () => {
    const [standing, methods] = await Promise.all([api('GET', 'portal/payments/autopay'), savedMethods()]);
    this.#said.textContent = '';
    this.#draw(standing, methods);
  });

  #draw({ on, methodName, since, consent, failing }, methods) {
    fill(this.#body,
      failing && h('p', { class: 'warning' }, either('The last payment could not be taken. Check the payment method, or pay the invoice yourself.', 'El último cobro no se pudo hacer. Revise la forma de pago o pague la factura usted mismo.')),
      h('p', {}, on ? either(`Autopay is on since ${when(since)}, from ${methodName}.`, `El pago automático está activado desde ${when(since)}, con ${methodName}.`) : either('Autopay is off: you pay each invoice yourself.', 'El pago automático está desactivado: usted paga cada factura.')),
      on && h('details', {}, h('summary', {}, either('What you agreed to', 'Lo que usted aceptó')), h('blockquote', { class: 'quoted' }, consent.given)),
      methods.length === 0 && !on ? noMethod() : h('div', { class: 'button-row' },
        methods.length > 0 && button(on ? either('Use another payment method', 'Usar otra forma de pago') : either('Turn autopay on', 'Activar el pago automático'), { kind: on ? '' : 'primary', onclick: () => this.#turnOn(consent.asked, methods) }),
        on && button(either('Turn autopay off', 'Desactivar el pago automático'), { onclick: () => this.#turnOff() })));
  }

  async #turnOn(consent, methods) {
    const done = await ask({
      language,
      title: either('Turn autopay on', 'Activar el pago automático'),
      content: [methodField(methods), h('blockquote', { class: 'quoted' }, consent),
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', required: true }), either('I agree', 'Estoy de acuerdo'))],
      confirm: either('Turn it on', 'Activar'), cancel: either('Cancel', 'Cancelar'),
      act: (data) => this.#put({ on: true, method: data.get('method'), consent }),
    });
    if (done) say(either('Autopay is on.', 'El pago automático está activado.'));
  }

  async #turnOff() {
    const done = await ask({
      language,
      title: either('Turn autopay off?', '¿Desactivar el pago automático?'),
      content: [h('p', {}, either('You then pay each invoice yourself. What is being taken at this moment still goes through.', 'Después usted paga cada factura. Un cobro que ya está en curso se termina.'))],
      confirm: either('Turn it off', 'Desactivar'), cancel: either('Keep it on', 'Dejarlo activado'),
      act: () => this.#put({ on: false }),
    });
    if (done) say(either('Autopay is off.', 'El pago automático está desactivado.'));
  }

  async #put(body) {
    try {
      await api('PUT', 'portal/payments/autopay', { body });
    } catch (problem) {
      throw new Error(reason(problem));
    }
    await this.#again();
    return true;
  }
}

customElements.define('care-autopay', Autopay);
