// Owns: what a client may agree to, what they decided and when. Every decision is kept by the hub; changing one's
// mind adds a decision and takes none away.

import { api } from './api.js';
import { button, h } from './dom.js';
import { instant, Records } from './records.js';

class Consents extends Records {
  empty = 'There is nothing to agree to.';
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
        failure.textContent = problem.message;
        failure.hidden = false;
      }
    };
    return h('li', { class: 'record', 'data-kind': kind },
      h('div', { class: 'record-words' },
        h('h3', { class: 'record-title' }, title, ' ', h('span', { class: 'tag' }, granted === null ? 'Not decided' : granted ? 'You agree' : 'You do not agree')),
        h('p', {}, text),
        history.length > 0 && h('details', { 'aria-label': `Earlier decisions: ${title}` }, h('summary', {}, 'Earlier decisions'),
          h('ul', {}, ...history.map((one) => h('li', { class: 'record-line' }, one.granted ? 'Agreed ' : 'Not agreed ', instant(one.at))))),
        failure),
      h('div', { class: 'record-actions' },
        granted !== true && button('I agree', { kind: 'small primary', 'aria-label': `I agree: ${title}`, onclick: decide(true) }),
        granted !== false && button(granted ? 'Withdraw' : 'I do not agree', { kind: 'small', 'aria-label': `${granted ? 'Withdraw' : 'I do not agree'}: ${title}`, onclick: decide(false) })));
  }
}

customElements.define('care-consents', Consents);
