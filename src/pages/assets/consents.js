// Owns: what a client may agree to, what they decided and when. Every decision is kept by the hub; changing one's
// mind adds a decision and takes none away. The texts themselves are in English alone, as they were agreed to.

import { api } from './api.js';
import { button, h } from './dom.js';
import { either, reason } from './either.js';
import { instant, Records } from './records.js';

const EARLIER = either('Earlier decisions', 'Decisiones anteriores');
const AGREE = either('I agree', 'Acepto');
const REFUSE = either('I do not agree', 'No acepto');
const WITHDRAW = either('Withdraw', 'Retirar');

class Consents extends Records {
  empty = either('There is nothing to agree to.', 'No hay nada que aceptar.');
  path = 'portal/privacy/consents';

  node({ kind, version, title, text, granted, history }) {
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const decide = (yes) => async () => {
      failure.hidden = true;
      try {
        await api('POST', this.path, { body: { kind, version, granted: yes } });
        await this.reload();
        this.querySelector(`[data-kind="${kind}"] button`)?.focus();
      } catch (problem) {
        failure.textContent = reason(problem);
        failure.hidden = false;
      }
    };
    return h('li', { class: 'record', 'data-kind': kind },
      h('div', { class: 'record-words' },
        h('h3', { class: 'record-title' }, h('span', { lang: 'en' }, title), ' ', h('span', { class: 'tag' }, granted === null ? either('Not decided', 'Sin decidir') : granted ? either('You agree', 'Acepta') : either('You do not agree', 'No acepta'))),
        h('p', { lang: 'en' }, text),
        history.length > 0 && h('details', { 'aria-label': `${EARLIER}: ${title}` }, h('summary', {}, EARLIER),
          h('ul', {}, ...history.map((one) => h('li', { class: 'record-line' }, one.granted ? either('Agreed ', 'Aceptado: ') : either('Not agreed ', 'No aceptado: '), instant(one.at))))),
        failure),
      h('div', { class: 'record-actions' },
        granted !== true && button(AGREE, { kind: 'small primary', 'aria-label': `${AGREE}: ${title}`, onclick: decide(true) }),
        granted !== false && button(granted ? WITHDRAW : REFUSE, { kind: 'small', 'aria-label': `${granted ? WITHDRAW : REFUSE}: ${title}`, onclick: decide(false) })));
  }
}

customElements.define('care-consents', Consents);
