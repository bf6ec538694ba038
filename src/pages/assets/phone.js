// Owns: one's phone for text messages: proving a number by the code that is sent there, and taking it away. STOP, sent
// from the phone itself, always counts.

import { api } from './api.js';
import { shownNumber } from './crisis-links.js';
import { ask, codeInput, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { either, language, reason, when } from './either.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const path = `${door}/account/phone`;

/** What all dialogs here have. */
const frame = { cancel: either('Cancel', 'Cancelar'), language };
/** True once done; a refusal in the words of this page. */
const said = (done) => done.then(() => true, (problem) => { throw Object.assign(new Error(reason(problem)), { code: problem.code }); });

class Phone extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, either('Loading…', 'Cargando…')));
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(this.#place, this.#failure);
    this.#read();
  }

  async #read() {
    try {
      this.#draw(await api('GET', path));
    } catch (problem) {
      fill(this.#place, h('p', {}, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ number, verifiedAt, optedOutAt, pending }) {
    const act = (words, run, kind = '') => button(words, { kind, onclick: () => this.#run(run) });
    if (!number && !pending) {
      return fill(this.#place,
        h('p', {}, door === 'ehr'
          ? 'In an emergency, a text message reaches you where no e-mail is read. Without a phone you can be called only by e-mail and in Carehub.'
          : either('A text message can tell you that something waits for you in Carehub. It never says what.',
            'Un mensaje de texto puede avisarle que algo le espera en Carehub. Nunca dice qué.')),
        h('div', {}, act(either('Add a phone', 'Agregar un teléfono'), () => this.#add(), 'primary')));
    }
    fill(this.#place,
      number && h('p', {}, h('strong', {}, shownNumber(number)), verifiedAt ? either([', confirmed ', instant(verifiedAt), '.'], `, confirmado el ${when(verifiedAt)}.`) : '.'),
      pending && h('p', { class: 'warning' }, either(`A code was sent to ${shownNumber(pending)}. The number counts once you enter it.`,
        `Se envió un código al ${shownNumber(pending)}. El número vale en cuanto lo escriba.`)),
      optedOutAt && h('p', { class: 'warning' }, door === 'ehr'
        ? 'STOP was sent from this phone: it gets no text messages, not even in an emergency. Send START from it to get them again.'
        : either('STOP was sent from this phone: it gets no text messages. Send START from it to get them again.',
          'Desde este teléfono se envió ALTO: no recibe mensajes de texto. Envíe INICIAR desde él para recibirlos otra vez.')),
      h('div', { class: 'button-row' },
        pending && act(either('Enter the code', 'Escribir el código'), () => this.#enter(), 'primary'),
        act(either('Use another number', 'Usar otro número'), () => this.#add()),
        number && act(either('Take it away', 'Quitarlo'), () => this.#remove())));
  }

  async #add() {
    const begun = await ask({
      ...frame,
      title: either('Which phone?', '¿Qué teléfono?'),
      content: [
        field(either('Number, with its country', 'Número, con su país'), h('input', { type: 'tel', name: 'number', required: true, maxlength: 24, autocomplete: 'tel', placeholder: '+1 512 555 0100' })),
        h('p', { class: 'hint' }, either('We send a code there. Message and data rates may apply. Send STOP from the phone at any time to end text messages, HELP for help.',
          'Enviamos un código allí. Pueden aplicarse tarifas de mensajes y datos. Envíe ALTO desde el teléfono en cualquier momento para no recibir más mensajes, AYUDA para pedir ayuda.')),
      ],
      confirm: either('Send the code', 'Enviar el código'),
      act: (data) => said(withRecent(() => api('PUT', path, { body: { number: data.get('number').trim() } }))),
    });
    return begun && this.#enter();
  }

  #enter() {
    return ask({
      ...frame,
      title: either('Enter the code', 'Escriba el código'),
      content: [
        h('p', {}, either('It was sent to your phone and is good for ten minutes.', 'Se envió a su teléfono y sirve durante diez minutos.')),
        field(either('Code', 'Código'), codeInput()),
      ],
      confirm: either('Confirm the phone', 'Confirmar el teléfono'),
      act: (data) => said(api('POST', `${path}/verify`, { body: { code: data.get('code').trim() } })),
    });
  }

  #remove() {
    return ask({
      ...frame,
      title: either('Take this phone away?', '¿Quitar este teléfono?'),
      content: [h('p', {}, either('It gets no more text messages.', 'No recibirá más mensajes de texto.'))],
      confirm: either('Take it away', 'Quitarlo'),
      kind: 'danger',
      act: () => said(withRecent(() => api('DELETE', path))),
    });
  }

  async #run(act) {
    this.#failure.hidden = true;
    try {
      await act();
      await this.#read();
      document.dispatchEvent(new CustomEvent('care:ways'));
    } catch (problem) {
      this.#failure.textContent = reason(problem);
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-phone', Phone);
