// Owns: the practice's inbox: filters with live counts, the list, and which thread is open beside it. Threads
// are opened in place, so that the connection and what is being written live on; every state has its address.

import { api } from './api.js';
import { button, h } from './dom.js';
import { confirmations, connection, me, paths, people, showUnread, staff } from './page.js';
import { claim } from './thread-actions.js';
import { drawRows } from './thread-row.js';
import { fits, ThreadStore } from './thread-store.js';
import './thread-view.js';

const FILTERS = { mine: 'Mine', unassigned: 'Unassigned', unread: 'Unread', urgent: 'Urgent', closed: 'Closed', all: 'All' };
const EMPTY = {
  mine: 'No open conversations are assigned to you.',
  unassigned: 'Nobody is waiting for a clinician.',
  unread: 'Everything is read.',
  urgent: 'Nothing urgent.',
  closed: 'No closed conversations.',
  all: 'No conversations yet.',
};
const PAGE = 50;
const REREAD_MS = 800;

class Inbox extends HTMLElement {
  #store = new ThreadStore(me);
  #filter = 'mine';
  #client = null;
  #thread = null;
  #next = null;
  #timer = null;
  #reading = 0;
  #heading = h('h1', {}, 'Inbox');
  #tabs = h('ul', { class: 'filters' });
  #clientLine = h('p', { class: 'client-filter', hidden: true });
  #list = h('ul', { class: 'rows' });
  #message = h('p', { class: 'empty', role: 'status' }, 'Loading…');
  #more = button('Show more', { kind: 'quiet', hidden: true, onclick: () => this.#older() });
  #pane = h('section', { class: 'thread-pane', tabindex: '-1', 'aria-label': 'Conversation' });

  connectedCallback() {
    this.append(
      h('section', { class: 'list-pane', 'aria-label': 'Inbox' },
        h('div', { class: 'list-head' }, this.#heading, h('a', { class: 'button small', href: '/ehr/new' }, 'New')),
        h('nav', { 'aria-label': 'Filters' }, this.#tabs), this.#clientLine,
        h('div', { class: 'rows-scroller' }, this.#message, this.#list, this.#more)),
      this.#pane);
    for (const [filter, words] of Object.entries(FILTERS)) {
      this.#tabs.append(h('li', {}, h('a', { href: `/ehr?filter=${filter}`, 'data-filter': filter }, words, h('span', { class: 'filter-count' }))));
    }
    this.#listen();
    this.#go(location.href);
  }

  #listen() {
    const take = (how) => ({ detail }) => {
      if (how(detail).stale) this.#later();
      this.#draw();
    };
    connection.addEventListener('entry', take((entry) => this.#store.entry(entry)));
    connection.addEventListener('receipt', take((receipt) => this.#store.receipt(receipt)));
    confirmations.addEventListener('read', take(({ thread, seq }) => this.#store.receipt({ thread, user: me.id, read: seq })));
    connection.addEventListener('thread', take((thread) => this.#store.summary(thread, fits(this.#filter, me))));
    connection.addEventListener('synced', () => this.#later());
    connection.addEventListener('epoch', () => this.#store.forget());
    connection.addEventListener('sent', () => this.#later());
    // A thread left the pool: the hub says so without a summary, which not everybody may see.
    connection.addEventListener('notification', ({ detail }) => detail.kind === 'inboxChanged' && this.#later());
    // Who has left a thread is told nothing of it any more.
    document.addEventListener('care:left', () => {
      this.#open('/ehr');
      this.#read();
    });
    this.addEventListener('click', (event) => this.#clicked(event));
    addEventListener('popstate', () => this.#go(location.href));
    people.addEventListener('change', () => this.#draw());
  }

  /** Links to states of the inbox are followed in place; with a modifier key the browser has its way. */
  #clicked(event) {
    const link = event.target.closest('a[href]');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const { pathname } = new URL(link.href);
    if (pathname !== '/ehr' && !pathname.startsWith('/ehr/threads/')) return;
    event.preventDefault();
    this.#open(link.matches('.back') ? this.#address() : link.href);
  }

  #open(address) {
    const left = this.#thread;
    history.pushState(null, '', address);
    this.#go(location.href);
    if (this.#thread) this.#pane.focus();
    else this.#list.querySelector(`[data-id="${left}"] a`)?.focus();
  }

  #address() {
    return `/ehr?${new URLSearchParams({ filter: this.#filter, ...(this.#client && { client: this.#client }) })}`;
  }

  #go(href) {
    const { pathname, searchParams } = new URL(href);
    const thread = pathname.match(/^\/ehr\/threads\/([^/]+)$/)?.[1] ?? null;
    const asked = searchParams.get('filter');
    const filter = asked in FILTERS ? asked : this.#filter;
    const client = thread ? this.#client : searchParams.get('client');
    const other = filter !== this.#filter || client !== this.#client;
    this.#filter = filter;
    this.#client = client;
    if (other || this.#reading === 0) this.#read({ fresh: other });
    this.#show(thread);
    this.#draw();
  }

  #show(thread) {
    if (this.#thread === thread && this.#pane.childElementCount > 0) return;
    this.#thread = thread;
    this.classList.toggle('has-thread', thread !== null);
    // A page has one main heading; beside a thread it is the thread's.
    this.#heading.setAttribute('aria-level', thread ? '2' : '1');
    if (thread) {
      const view = document.createElement('care-thread');
      view.setAttribute('thread', thread);
      this.#pane.replaceChildren(view);
      return;
    }
    document.title = document.title.replace(/^(\(\d+\) )?.*? · /, '$1Inbox · ');
    this.#pane.replaceChildren(h('p', { class: 'empty' }, 'Choose a conversation to read it here.'));
  }

  async #read({ fresh = false, automatic = false } = {}) {
    const reading = ++this.#reading;
    if (fresh) {
      this.#store.start([]);
      this.#message.textContent = 'Loading…';
    }
    try {
      const { items, next, counts } = await api('GET', this.#query(), { automatic });
      if (reading !== this.#reading) return;
      if (this.#store.start(items).stale) this.#later();
      this.#next = next;
      this.#message.textContent = EMPTY[this.#filter];
      this.#count(counts);
      this.#draw();
    } catch (problem) {
      if (reading !== this.#reading) return;
      this.#message.replaceChildren(problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #query(cursor = null) {
    const query = new URLSearchParams({ filter: this.#filter, limit: PAGE });
    if (this.#client) query.set('client', this.#client);
    if (cursor) query.set('cursor', cursor);
    return `${paths.list}?${query}`;
  }

  async #older() {
    const { items, next } = await api('GET', this.#query(this.#next));
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

  #count(counts) {
    for (const tab of this.#tabs.querySelectorAll('a')) {
      const count = counts[tab.dataset.filter];
      const shown = count > 0 && tab.dataset.filter !== 'closed';
      tab.querySelector('.filter-count').textContent = shown ? String(count) : '';
    }
    showUnread(counts.unread);
  }

  #draw() {
    for (const tab of this.#tabs.querySelectorAll('a')) {
      if (tab.dataset.filter === this.#filter) tab.setAttribute('aria-current', 'true');
      else tab.removeAttribute('aria-current');
    }
    const threads = this.#store.list();
    drawRows(this.#list, threads, { staff, me, current: this.#thread, href: paths.page, claim: (thread) => this.#claim(thread) });
    this.#message.hidden = threads.length > 0;
    this.#more.hidden = !this.#next;
    this.#clientLine.hidden = !this.#client;
    this.#clientLine.replaceChildren(`Only ${threads[0]?.client.name ?? 'one client'} · `, h('a', { href: `/ehr?filter=${this.#filter}` }, 'Show everybody'));
  }

  async #claim(thread) {
    const summary = await claim(thread);
    if (summary) this.#open(paths.page(thread.id));
    this.#read();
  }
}

customElements.define('care-inbox', Inbox);
