// Owns: one's phone for text messages: proving a number by the code that is sent there, and taking it away. STOP, sent
// from the phone itself, always counts.

import { api } from './api.js';
import { shownNumber } from './crisis-links.js';
import { ask, codeInput, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { door } from './page.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const path = `${door}/account/phone`;

class Phone extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(this.#place, this.#failure);
    this.#read();
  }

  async #read() {
    try {
      this.#draw(await api('GET', path));
    } catch (problem) {
      fill(this.#place, h('p', {}, problem.message), button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ number, verifiedAt, optedOutAt, pending }) {
    const act = (words, run, kind = '') => button(words, { kind, onclick: () => this.#run(run) });
    if (!number && !pending) {
      return fill(this.#place,
        h('p', {}, door === 'ehr'
          ? 'In an emergency, a text message reaches you where no e-mail is read. Without a phone you can be called only by e-mail and in Carehub.'
          : 'A text message can tell you that something waits for you in Carehub. It never says what.'),
        h('div', {}, act('Add a phone', () => this.#add(), 'primary')));
    }
    fill(this.#place,
      number && h('p', {}, h('strong', {}, shownNumber(number)), verifiedAt ? [', confirmed ', instant(verifiedAt), '.'] : '.'),
      pending && h('p', { class: 'warning' }, `A code was sent to ${shownNumber(pending)}. The number counts once you enter it.`),
      optedOutAt && h('p', { class: 'warning' }, 'STOP was sent from this phone: it gets no text messages', door === 'ehr' ? ', not even in an emergency' : '', '. Send START from it to get them again.'),
      h('div', { class: 'button-row' },
        pending && act('Enter the code', () => this.#enter(), 'primary'),
        act('Use another number', () => this.#add()),
        number && act('Take it away', () => this.#remove())));
  }

  async #add() {
    const begun = await ask({
      title: 'Which phone?',
      content: [
        field('Number, with its country', h('input', { type: 'tel', name: 'number', required: true, maxlength: 24, autocomplete: 'tel', placeholder: '+1 512 555 0100' })),
        h('p', { class: 'hint' }, 'We send a code there. Message and data rates may apply. Send STOP from the phone at any time to end text messages, HELP for help.'),
      ],
      confirm: 'Send the code',
      act: (data) => withRecent(() => api('PUT', path, { body: { number: data.get('number').trim() } })).then(() => true),
    });
    return begun && this.#enter();
  }

  #enter() {
    return ask({
      title: 'Enter the code',
      content: [h('p', {}, 'It was sent to your phone and is good for ten minutes.'), field('Code', codeInput())],
      confirm: 'Confirm the phone',
      act: (data) => api('POST', `${path}/verify`, { body: { code: data.get('code').trim() } }).then(() => true),
    });
  }

  #remove() {
    return ask({
      title: 'Take this phone away?',
      content: [h('p', {}, 'It gets no more text messages.')],
      confirm: 'Take it away',
      kind: 'danger',
      act: () => withRecent(() => api('DELETE', path)).then(() => true),
    });
  }

  async #run(act) {
    this.#failure.hidden = true;
    try {
      await act();
      await this.#read();
      document.dispatchEvent(new CustomEvent('care:ways'));
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
  }
}

customElements.define('care-phone', Phone);
