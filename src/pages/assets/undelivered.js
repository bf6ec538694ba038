// Owns: what could not be delivered outside of Carehub, and sending it once more. It shows to whom and by which way,
// never what was said: the hub keeps no such words with it.

import { api } from './api.js';
import { button, h } from './dom.js';
import { CHANNELS } from './escalation-words.js';
import { instant, record, Records } from './records.js';

const KINDS = { page: 'Call to an emergency', drill: 'Call to a drill', phoneCode: 'Code for a phone', lastResort: 'Text message to the practice’s phone' };
const STATES = { failed: 'Given up', bounced: 'Came back' };
/** "resetPassword" as "Reset password". */
const plain = (name) => KINDS[name] ?? name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (letter) => letter.toUpperCase());

class Undelivered extends Records {
  empty = 'Everything was delivered.';
  path = 'admin/undelivered';

  node({ id, kind, channel, state, recipient, reason, code, queuedAt, failedAt, tries, canBeResent }) {
    const who = recipient?.name ?? 'Somebody without an account';
    return record({
      title: h('bdi', {}, who),
      tags: [CHANNELS[channel] ?? channel, STATES[state] ?? state],
      lines: [plain(kind), code ? `${reason} (${code})` : reason, h('span', {}, instant(failedAt ?? queuedAt), tries > 0 ? `, after ${tries} ${tries === 1 ? 'try' : 'tries'}` : '')],
      actions: [canBeResent && button('Send again', { kind: 'small', 'aria-label': `Send again: ${who}`, onclick: () => this.#resend(id, who) })],
    });
  }

  #resend(id, who) {
    return this.confirm({
      title: `Send it to ${who} again?`,
      content: [h('p', {}, 'It goes out at once, to the address that they have now.')],
      confirm: 'Send again',
      act: () => api('POST', `admin/undelivered/${id}/resend`, { body: {} }),
    });
  }
}

customElements.define('care-undelivered', Undelivered);
