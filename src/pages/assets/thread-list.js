// Owns: the client's list of conversations, live, with its loading, empty and error states.

import { api } from './api.js';
import { button, h } from './dom.js';
import { either, reason } from './either.js';
import { connection, me, paths, showUnread, staff } from './page.js';
import { drawRows } from './thread-row.js';
import { ThreadStore } from './thread-store.js';

const PAGE = 50;
/** A burst of frames costs one read of the list. */
const REREAD_MS = 800;

class ThreadList extends HTMLElement {
  #store = new ThreadStore(me);
  #list = h('ul', { class: 'rows' });
  #message = h('div', { class: 'empty', role: 'status' }, either('Loading your conversations…', 'Cargando sus conversaciones…'));
  #more = button(either('Show older conversations', 'Mostrar conversaciones anteriores'), { kind: 'quiet', hidden: true, onclick: () => this.#older() });
  #next = null;
  #timer = null;

  connectedCallback() {
    this.append(this.#message, this.#list, this.#more);
    const take = (how) => ({ detail }) => {
      if (how(detail).stale) this.#later();
      this.#draw();
    };
    connection.addEventListener('entry', take((entry) => this.#store.entry(entry)));
    connection.addEventListener('receipt', take((receipt) => this.#store.receipt(receipt)));
    connection.addEventListener('thread', take((thread) => this.#store.summary(thread, () => true)));
    connection.addEventListener('synced', () => this.#later());
    this.#read();
  }

  async #read({ automatic = false } = {}) {
    try {
      const { items, next } = await api('GET', `${paths.list}?limit=${PAGE}`, { automatic });
      this.#store.start(items);
      this.#next = next;
      this.#draw();
    } catch (problem) {
      if (this.#store.list().length > 0) return;
      this.#message.replaceChildren(h('p', {}, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { onclick: () => this.#read() }));
    }
  }

  async #older() {
    const { items, next } = await api('GET', `${paths.list}?limit=${PAGE}&cursor=${encodeURIComponent(this.#next)}`);
    this.#store.add(items);
    this.#next = next;
    this.#draw();
  }

  #later() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#read({ automatic: true });
    }, REREAD_MS);
  }

  #draw() {
    const threads = this.#store.list();
    drawRows(this.#list, threads, { staff, me, current: null, href: paths.page });
    this.#message.hidden = threads.length > 0;
    this.#more.hidden = !this.#next;
    showUnread(threads.reduce((sum, { unread }) => sum + unread, 0));
    if (threads.length === 0) this.#message.replaceChildren(
      h('h2', {}, either('No conversations yet', 'Todavía no hay conversaciones')),
      h('p', {}, either('Write to your care team whenever something is on your mind. Only they can read it.', 'Escriba a su equipo cuando algo le preocupe. Solo ellos pueden leerlo.')),
      h('a', { class: 'button primary', href: '/portal/new' }, either('Start a conversation', 'Empezar una conversación')));
  }
}

customElements.define('care-threads', ThreadList);
