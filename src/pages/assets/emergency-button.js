// Owns: asking a client whether this is an emergency, and saying before what will happen and what will not. The
// numbers to call stand first: whoever is in danger must not have to read on.

import { crisisLinks } from './crisis-links.js';
import { ask, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { EmergencySend } from './emergency-send.js';
import { wordsFor } from './emergency-words.js';
import { connection, me } from './page.js';

const LIMIT = 8_000;

class EmergencyButton extends HTMLElement {
  /** How the emergency of this conversation gets to the hub. */
  sending = null;

  /** What is sent where nothing was written. */
  get usual() {
    return wordsFor(me.language).confirm.usual;
  }

  /** `text()`: what is written; `raise(body)` hears what is about to be sent. */
  open(thread, { text, raise }) {
    const { button: words, language } = wordsFor(me.language);
    this.sending = new EmergencySend(thread);
    const send = (body) => {
      raise(body);
      this.sending.send(body);
    };
    fill(this, button(words, { icon: 'alert', kind: 'small emergency', lang: language, onclick: () => confirm(text(), send) }));
  }
}

function confirm(text, send) {
  const words = wordsFor(me.language);
  const { confirm: said } = words;
  const area = h('textarea', { name: 'body', rows: 3, maxlength: LIMIT, dir: 'auto', placeholder: said.usual });
  area.value = text;
  const offline = h('p', { class: 'failure', role: 'alert', hidden: connection.online }, said.offline);
  const watch = () => { offline.hidden = connection.online; };
  connection.addEventListener('state', watch);
  return ask({
    title: said.title,
    language: words.language,
    content: [
      h('p', {}, said.now),
      crisisLinks(words),
      h('p', {}, h('strong', {}, said.happens)),
      h('ol', { class: 'steps' }, ...said.steps.map((step) => h('li', {}, step))),
      h('p', {}, said.limits),
      field(said.what, area),
      offline,
    ],
    confirm: said.send,
    cancel: said.back,
    kind: 'danger',
    act: (data) => {
      const body = data.get('body').trim() || said.usual;
      if ([...body].length > LIMIT) throw new Error(said.tooLong);
      send(body);
      return true;
    },
  }).finally(() => connection.removeEventListener('state', watch));
}

customElements.define('care-emergency-button', EmergencyButton);
