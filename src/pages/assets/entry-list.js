// Owns: the scrolling list of entries: day separators, the unread divider, paging back without losing the
// place, marks on one's own messages, and what has been seen. It never loads anything: `older` asks for it.

import { button, h } from './dom.js';
import { either } from './either.js';
import { aloud, entryNode, showState } from './entry.js';
import { dayKey, dayName } from './time.js';

/** Entries of one author within this time read as one. */
const TOGETHER_MS = 5 * 60_000;
/** Nearer to the end than this counts as reading the end. */
const NEAR_END_PX = 80;
const EARLIER = either('Show earlier messages', 'Mostrar mensajes anteriores');

export class EntryList extends HTMLElement {
  /** Set by the thread view: {me, staff, log, marks, readers(), actions, older(), seen(seq)}. */
  context = null;

  #list = h('ol', { class: 'entries' });
  #earlier = button(EARLIER, { kind: 'quiet', onclick: () => this.#loadOlder() });
  #beginning = h('p', { class: 'beginning', hidden: true }, either('This is the beginning of the conversation.', 'Este es el comienzo de la conversación.'));
  #news = button(either('New messages', 'Mensajes nuevos'), { icon: 'down', kind: 'primary jump', hidden: true, onclick: () => this.toEnd() });
  #scroller = h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': either('Messages', 'Mensajes') });
  #announcer = h('div', { class: 'visually-hidden', role: 'log', 'aria-live': 'polite', 'aria-label': either('New messages', 'Mensajes nuevos') });
  #nodes = new Map();
  #tail = null;
  #head = null;
  #loading = false;
  /** Whether new entries keep the end in view. */
  #stick = true;
  #height = 0;
  #watch = null;

  connectedCallback() {
    this.#scroller.append(this.#earlier, this.#beginning, this.#list);
    this.append(this.#scroller, this.#news, this.#announcer);
    this.#watch = new IntersectionObserver((changes) => this.#inView(changes), { root: this.#scroller, rootMargin: '200px 0px 0px 0px' });
    this.#watch.observe(this.#earlier);
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
  }

  disconnectedCallback() {
    this.#watch.disconnect();
  }

  /** Shows the log from scratch; `readTo` places the unread divider, `unread` words it. */
  start(readTo) {
    const { log, me } = this.context;
    this.#nodes.clear();
    this.#head = this.#tail = null;
    this.#list.replaceChildren(...this.#build(log.entries, null));
    this.#head = log.entries[0] ?? null;
    this.#tail = log.entries.at(-1) ?? null;
    const unread = log.entries.find(({ seq, from, kind, body }) => seq > readTo && from?.id !== me.id && (kind !== 'notice' || body));
    const node = unread && readTo > 0 && this.#nodes.get(unread.seq);
    if (node) node.before(h('li', { class: 'divider' }, h('span', {}, either('New', 'Nuevo'))));
    this.#more();
    this.marksChanged();
    this.toEnd();
    if (node && node.offsetTop < this.#scroller.scrollTop) this.#scroller.scrollTop = node.offsetTop - 60;
  }

  /** Puts a new entry at the end. */
  add(entry) {
    const { me, log } = this.context;
    const mine = entry.from?.id === me.id;
    const stick = this.#stick || mine;
    const nodes = this.#build([entry], this.#tail);
    this.#tail = entry;
    this.#head ??= entry;
    nodes.at(-1)?.classList.add('arriving');
    this.#list.append(...nodes);
    if (entry.kind === 'correction' || entry.kind === 'retraction') this.#redraw(log.find(entry.replyTo));
    this.marksChanged();
    if (nodes.length === 0) return;
    if (stick) this.toEnd();
    else this.#news.hidden = false;
    if (!mine) this.#announce(aloud(entry));
  }

  /** Puts an older page before what is shown, without moving what is being read. */
  addOlder(entries) {
    const before = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const junction = this.#list.firstElementChild;
    const nodes = this.#build(entries, null);
    if (entries.length > 0 && this.#head && dayKey(entries.at(-1).at) === dayKey(this.#head.at) && junction?.matches('.day')) junction.remove();
    this.#list.prepend(...nodes);
    this.#head = entries[0] ?? this.#head;
    this.#more();
    this.marksChanged();
    this.#scroller.scrollTop = this.#scroller.scrollHeight - before;
  }

  marksChanged() {
    const { log, marks, me, readers } = this.context;
    const told = new Set();
    const ids = readers();
    for (const { seq, from, kind } of log.entries.toReversed()) {
      const node = from?.id === me.id && kind === 'message' && this.#nodes.get(seq);
      if (!node) continue;
      const state = marks.stateOf(seq, ids);
      showState(node, state, !told.has(state));
      told.add(state);
    }
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#stick = true;
    this.#news.hidden = true;
  }

  #build(entries, previous) {
    const nodes = [];
    for (const entry of entries) {
      const node = entryNode(entry, this.context);
      if (!node) continue;
      if (!previous || dayKey(previous.at) !== dayKey(entry.at)) nodes.push(h('li', { class: 'day' }, h('h2', {}, dayName(entry.at))));
      else if (together(previous, entry)) node.classList.add('together');
      this.#nodes.set(entry.seq, node);
      this.#watch.observe(node);
      nodes.push(node);
      previous = entry;
    }
    return nodes;
  }

  #redraw(entry) {
    const old = entry && this.#nodes.get(entry.seq);
    if (!old) return;
    const node = entryNode(entry, this.context);
    node.classList.toggle('together', old.classList.contains('together'));
    this.#nodes.set(entry.seq, node);
    this.#watch.observe(node);
    old.replaceWith(node);
  }

  #more() {
    const { more, entries } = this.context.log;
    this.#earlier.hidden = !more;
    this.#beginning.hidden = more || entries.length === 0;
  }

  async #loadOlder() {
    if (this.#loading || this.#earlier.hidden) return;
    this.#loading = true;
    this.#earlier.textContent = either('Loading…', 'Cargando…');
    const loaded = await this.context.older().then(() => true, () => false);
    this.#earlier.textContent = loaded ? EARLIER : either('Could not load earlier messages. Try again', 'No se pudieron cargar los mensajes anteriores. Intente de nuevo');
    this.#loading = false;
  }

  #inView(changes) {
    const visible = changes.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
    if (visible.includes(this.#earlier) && this.#head) this.#loadOlder();
    const seen = Math.max(0, ...visible.map(({ dataset }) => Number(dataset.seq ?? 0)));
    if (seen > 0) this.context.seen(seen);
  }

  /** The composer grew, a keyboard opened: what was at the end stays at the end. */
  #resized() {
    this.#height = this.#scroller.clientHeight;
    if (this.#stick) this.toEnd();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    if (clientHeight !== this.#height) return; // Not the reader's doing; #resized follows.
    this.#stick = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#stick) this.#news.hidden = true;
  }

  #announce(words) {
    this.#announcer.append(h('p', {}, words));
    while (this.#announcer.childElementCount > 10) this.#announcer.firstElementChild.remove();
  }
}

const together = (one, other) =>
  one.from?.id === other.from?.id && one.kind === other.kind && other.kind === 'message' && other.priority === 'normal' && Date.parse(other.at) - Date.parse(one.at) < TOGETHER_MS;

customElements.define('care-entries', EntryList);
