// Owns: a list that is read from the API page by page, with its loading, empty and error states. What a record looks
// like and what can be done with it is said by those who extend it. It never keeps more than what is shown.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { either, reason } from './either.js';
import { exactly, shortTime, timeOfDay } from './time.js';
import { say } from './toast.js';

const WORDS = { loading: either('Loading…', 'Cargando…'), more: either('Show more', 'Mostrar más'), again: either('Try again', 'Intentar de nuevo'), why: reason };

export class Records extends HTMLElement {
  /** What is said when there is nothing. */
  get empty() {
    return either('Nothing here yet.', 'Todavía no hay nada.');
  }

  /** What is said around the list. */
  get words() {
    return WORDS;
  }

  #list = h('ul', { class: 'records' });
  #message = h('p', { class: 'hint', role: 'status' });
  #more = button(this.words.more, { kind: 'quiet', hidden: true, onclick: () => this.#read(this.#next) });
  #next = null;
  #reading = 0;

  connectedCallback() {
    if (this.#list.isConnected) return;
    this.append(this.#message, this.#list, this.#more);
    this.reload();
  }

  /** The call, without a cursor; null: there is nothing to ask yet. */
  get path() {
    return this.getAttribute('path');
  }

  /** One record as a node. */
  node() {
    throw new Error('not said');
  }

  /** Hears every page that was read. */
  took() {}

  reload() {
    return this.#read(null);
  }

  async #read(cursor) {
    const reading = ++this.#reading;
    if (this.path === null) {
      this.#list.replaceChildren();
      this.#more.hidden = true;
      this.#message.textContent = this.empty;
      return;
    }
    if (!cursor && this.#list.childElementCount === 0) this.#message.textContent = this.words.loading;
    try {
      const answer = await api('GET', cursor ? `${this.path}${this.path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : this.path);
      if (reading !== this.#reading) return;
      const items = answer.items ?? [answer].flat();
      const nodes = items.map((item) => this.node(item));
      const focus = cursor ? this.#list.append(...nodes) : this.#replace(nodes);
      this.#next = answer.next ?? null;
      this.#more.hidden = !this.#next;
      this.#message.textContent = this.#list.childElementCount > 0 ? '' : this.empty;
      focus?.();
      this.took(items, answer);
    } catch (problem) {
      if (reading !== this.#reading) return;
      this.#message.replaceChildren(this.words.why(problem), ' ', button(this.words.again, { kind: 'small', onclick: () => this.#read(cursor) }));
    }
  }

  /** Shows these instead. Whoever stood on a button of the list goes on from there: gives how, or nothing. */
  #replace(nodes) {
    const at = [...this.#list.children].findIndex((node) => node.contains(document.activeElement));
    this.#list.replaceChildren(...nodes);
    if (at < 0) return null;
    const near = nodes[Math.min(at, nodes.length - 1)]?.querySelector('.record-actions :is(a, button, summary)');
    this.#message.tabIndex = -1;
    return () => (near ?? this.#message).focus();
  }

  /** Asks before something that cannot be taken back, does it, shows the list anew and says `done`. */
  async confirm({ act, done: words = null, ...asked }) {
    const done = await ask({ ...asked, act: async (data) => {
      await act(data);
      return true;
    } });
    if (done) await this.reload();
    if (done && words) say(words);
    return Boolean(done);
  }
}

/** One record: a heading with tags, lines below it, buttons beside it. */
export function record({ title, tags = [], lines = [], actions = [] }) {
  return h('li', { class: 'record' },
    h('div', { class: 'record-words' },
      h('p', { class: 'record-title' }, title, ...tags.filter(Boolean).map((words) => [' ', h('span', { class: 'tag' }, words)]).flat()),
      ...lines.filter(Boolean).map((line) => h('p', { class: 'record-line' }, line))),
    actions.some(Boolean) && h('div', { class: 'record-actions' }, ...actions));
}

/** What is needed seldom, behind one button. */
export function more(name, ...actions) {
  const shown = actions.filter(Boolean);
  return shown.length > 0 && h('details', { class: 'more', 'aria-label': `More for ${name}` },
    h('summary', { class: 'button small', 'aria-label': `More for ${name}` }, 'More'), h('div', {}, ...shown));
}

/** "Yesterday, 3:14 PM", with the exact instant to look up. */
export function instant(at) {
  const day = shortTime(at);
  const clock = timeOfDay(at);
  return h('time', { datetime: at, title: exactly(at) }, day === clock ? clock : `${day}, ${clock}`);
}
