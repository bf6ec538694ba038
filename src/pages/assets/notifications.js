// Owns: the list of what somebody was told within Carehub: unread ones marked, each leading to where it is about. It
// is shown nowhere else.

import { api } from './api.js';
import { button, h } from './dom.js';
import { either, language, when } from './either.js';
import { orSay } from './or-say.js';
import { connection, door, me } from './page.js';
import { instant, Records } from './records.js';
import { exactly } from './time.js';

const AGAIN_MS = 500;

class Notifications extends Records {
  empty = either('Nothing yet. What you should know will stand here.', 'Todavía nada. Aquí verá lo que deba saber.');
  path = `${door}/notifications`;

  #all = button(either('Mark all as read', 'Marcar todo como leído'), { kind: 'small', onclick: () => this.#readAll() });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    if (this.#all.isConnected) return;
    this.append(h('div', {}, this.#all), this.#failure);
    let timer = null;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.reload(), AGAIN_MS);
    };
    connection.addEventListener('notification', ({ detail }) => detail.kind !== 'inboxChanged' && later());
    super.connectedCallback();
  }

  node({ id, title, link, at, read }) {
    // What leads back to this list leads nowhere.
    const leads = link && link !== '/notifications';
    const seen = () => this.#read(id);
    return h('li', { class: 'record', 'data-id': id },
      h('div', { class: 'record-words' },
        h('p', { class: 'record-title', lang: me.language }, leads ? h('a', { href: link, onclick: () => read || seen() }, title) : title, !read && [' ', h('span', { class: 'tag', lang: language }, either('New', 'Nuevo'))]),
        h('p', { class: 'record-line' }, either(instant(at), h('time', { datetime: at, title: exactly(at) }, when(at))))),
      h('div', { class: 'record-actions' }, !read && button(either('Mark as read', 'Marcar como leído'), { kind: 'small', 'aria-label': `${either('Mark as read', 'Marcar como leído')}: ${title}`, onclick: () => seen().then(() => this.reload()) })));
  }

  took(items) {
    this.#all.hidden = items.every(({ read }) => read);
  }

  #read(id) {
    return this.#tell(() => api('POST', `${this.path}/${id}/read`, { body: {}, keepalive: true }));
  }

  async #readAll() {
    await this.#tell(() => api('POST', `${this.path}/read-all`, { body: {} }));
    await this.reload();
    this.querySelector('a')?.focus();
  }

  #tell(act) {
    return orSay({ failure: this.#failure }, async () => {
      await act();
      document.dispatchEvent(new CustomEvent('care:notices'));
    });
  }
}

customElements.define('care-notifications', Notifications);
