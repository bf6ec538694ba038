// Owns: the bell at the top of every page: how many notices are unread, kept live. It never shows what they say.

import { api } from './api.js';
import { fill, h, icon, spoken } from './dom.js';
import { either, language } from './either.js';
import { connection, door } from './page.js';

const GATHER_MS = 500;

class NoticeBell extends HTMLElement {
  #link = h('a', { class: 'bell', href: `/${door}/notifications`, lang: language });
  #timer = null;

  connectedCallback() {
    this.append(this.#link);
    this.#draw(0);
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#read(), GATHER_MS);
    };
    connection.addEventListener('notification', later);
    connection.addEventListener('synced', later);
    document.addEventListener('care:notices', later);
  }

  async #read() {
    const answer = await api('GET', `${door}/notifications/unread-count`, { automatic: true }).catch(() => null);
    if (answer) this.#draw(answer.unread ?? answer.count);
  }

  #draw(unread) {
    fill(this.#link, icon('bell'), spoken(unread > 0 ? either(`Notifications, ${unread} unread`, `Avisos, ${unread} sin leer`) : either('Notifications', 'Avisos')),
      unread > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, unread > 99 ? '99+' : String(unread)));
  }
}

customElements.define('care-bell', NoticeBell);
