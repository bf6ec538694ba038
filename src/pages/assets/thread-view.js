// Owns: one thread on the screen: loads it, keeps its log whole (reads what is missing before showing what
// follows), feeds the list, the header and the composer. It never confirms as read what
// was not in view while somebody was looking.

import { api } from './api.js';
import { button, fill, h, icon } from './dom.js';
import { either, language, reason } from './either.js';
import './composer.js';
import './entry-list.js';
import { attention, confirmations, connection, me, paths, people, staff } from './page.js';
import { correct, retract, threadActions } from './thread-actions.js';
import { Marks, ThreadLog } from './thread-log.js';
import { TypingHeard } from './typing.js';

const PAGE = 50;

class ThreadView extends HTMLElement {
  #thread = null;
  #log = new ThreadLog();
  #marks = new Marks();
  #gone = new AbortController();
  #seen = 0;
  #filling = false;
  /** Something was pushed, or the connection was made, while the first page was being read: read on after it. */
  #missed = false;
  #typing = new TypingHeard((users) => this.#showTyping(users));
  #state = null;
  #title = h('h1');
  #people = h('p', { class: 'thread-people' });
  #standing = h('div', { class: 'thread-standing' });
  // Between the list and the box stand the buttons of every entry: the keyboard gets a short way.
  #shortcut = button(either('Go to the message box', 'Ir al cuadro de mensaje'), { kind: 'skip', onclick: () => this.#composer.focusBox() });
  #header = h('header', { class: 'thread-header' },
    this.#shortcut,
    h('a', { class: 'back', href: paths.home, 'aria-label': either('Back to the list', 'Volver a la lista') }, icon('back')),
    h('div', { class: 'thread-title' }, this.#title, this.#people), this.#standing);
  #entries = document.createElement('care-entries');
  #typingLine = h('p', { class: 'typing', 'aria-hidden': 'true' });
  #composer = document.createElement('care-composer');
  #emergency = staff ? null : document.createElement('care-emergency');

  get #id() {
    return this.getAttribute('thread');
  }

  connectedCallback() {
    this.#load();
    const on = (type, handle, target = connection) =>
      target.addEventListener(type, handle, { signal: this.#gone.signal });
    const mine = (handle) => ({ detail }) => (detail.thread === this.#id || detail.id === this.#id) && this.#thread && handle(detail);
    const whileLoading = ({ detail }) => { this.#missed ||= !this.#thread && (detail.type === 'synced' || detail.thread === this.#id); };
    on('entry', whileLoading);
    on('synced', whileLoading);
    on('entry', mine((entry) => this.#arrived(entry)));
    on('receipt', mine((receipt) => this.#marks.set(receipt) && this.#entries.marksChanged()));
    on('typing', mine(({ user, on: writing }) => user !== me.id && this.#typing.hear(user, writing)));
    on('thread', mine((summary) => this.#changed(summary)));
    on('synced', ({ detail }) => detail.threads?.forEach((summary) => summary.id === this.#id && this.#thread && this.#changed(summary)));
    on('epoch', () => this.#load());
    on('change', () => this.#drawHeader(), people);
    on('back', () => this.#confirm(), attention);
  }

  disconnectedCallback() {
    this.#gone.abort();
    connection.have.delete(this.#id);
  }

  async #load() {
    this.#thread = null;
    this.replaceChildren(h('p', { class: 'loading', role: 'status' }, either('Loading the conversation…', 'Cargando la conversación…')));
    try {
      const { thread, entries, more } = await api('GET', `${paths.thread(this.#id)}?limit=${PAGE}`);
      this.#show(thread, entries, more);
    } catch (problem) {
      this.#failed(problem);
    }
  }

  #failed(problem) {
    const gone = problem.code === 'notFound';
    const words = gone ? either('This conversation does not exist, or is not yours to see.', 'Esta conversación no existe, o no es suya.') : reason(problem);
    this.replaceChildren(h('div', { class: 'empty', role: 'alert' }, h('h1', {}, either('Conversation not shown', 'No se muestra la conversación')), h('p', {}, words),
      gone ? h('a', { class: 'button', href: paths.home }, either('Back to messages', 'Volver a los mensajes')) : button(either('Try again', 'Intentar de nuevo'), { onclick: () => this.#load() })));
  }

  #show(thread, entries, more) {
    this.#thread = thread;
    this.#seen = 0;
    this.#log.start(entries, more);
    this.#takeMarks(thread);
    fill(this, this.#header, this.#emergency, this.#entries, this.#typingLine, this.#composer);
    this.#drawHeader();
    this.#entries.context = {
      me, staff, log: this.#log, marks: this.#marks,
      actions: { correct: (entry) => correct(this.#id, entry), retract: (entry) => retract(this.#id, entry) },
      readers: () => this.#readers(),
      older: () => this.#older(),
      seen: (seq) => { this.#seen = Math.max(this.#seen, seq); this.#confirm(); },
    };
    this.#composer.open(thread, { seen: () => this.#seen, readBefore: thread.read, held: (id) => this.#log.find(id) });
    this.#emergency?.open(this.#id, this.#composer.emergency);
    this.#entries.start(thread.read);
    this.#composer.addEventListener('sent', ({ detail }) => this.#sent(detail), { signal: this.#gone.signal });
    connection.have.set(this.#id, () => this.#log.last);
    if (this.#log.last > 0) confirmations.delivered(this.#id, this.#log.last);
    this.#fill(this.#missed);
    this.#missed = false;
  }

  /** Whose reading counts for one's own messages: for staff the client's, not a colleague's. */
  #readers() {
    const { client, participants = [] } = this.#thread;
    return staff ? [client.id] : participants.map(({ id }) => id).filter((id) => id !== me.id);
  }

  #takeMarks({ participants = [], delivered, read }) {
    for (const person of participants) this.#marks.set({ user: person.id, delivered: person.delivered, read: person.read });
    this.#marks.set({ user: me.id, delivered, read });
  }

  #changed(summary) {
    this.#thread = { ...this.#thread, ...summary };
    this.#takeMarks(summary);
    this.#drawHeader();
    this.#entries.marksChanged();
    this.#composer.canReply(this.#thread);
    this.#fill();
  }

  #arrived(entry) {
    this.#thread.head = Math.max(this.#thread.head, entry.seq);
    if (entry.from) this.#typing.hear(entry.from.id, false);
    const taken = this.#log.append(entry);
    if (taken === 'added') this.#entries.add(entry);
    if (taken === 'gap') this.#fill();
  }

  /** One's own send was acknowledged: the hub does not push it back to the connection that sent it. */
  #sent({ seq, id, at, body, priority, kind }) {
    if (!seq) return this.#thread.head++, this.#fill();
    this.#arrived({ thread: this.#id, seq, id, kind, from: me, body, priority, attachments: [], replyTo: null, at });
  }

  /** Reads what stands between the last entry held and the head, in order, until nothing is missing. */
  async #fill(unsure = false) {
    if (this.#filling) return;
    this.#filling = true;
    try {
      while (this.#thread && (unsure || this.#log.last < this.#thread.head) && this.isConnected) {
        unsure = false;
        const { thread, entries } = await api('GET', `${paths.thread(this.#id)}?after=${this.#log.last}&limit=200`, { automatic: true });
        this.#thread.head = thread.head;
        if (entries.length === 0) break;
        for (const entry of entries) this.#arrived(entry);
        confirmations.delivered(this.#id, this.#log.last);
      }
    } catch {
      // The next frame, or the next connection, asks again.
    } finally {
      this.#filling = false;
    }
  }

  async #older() {
    const { entries, more } = await api('GET', `${paths.thread(this.#id)}?before=${this.#log.first}&limit=${PAGE}`);
    this.#entries.addOlder(this.#log.prepend(entries, more));
  }

  #confirm() {
    if (!this.#thread || !attention.here) return;
    // Placeholders have no node to come into view: what is followed by nothing else is seen to the end.
    const shown = this.#log.entries.findLast(({ kind, body }) => kind !== 'notice' || body);
    const seq = !shown || this.#seen >= shown.seq ? this.#log.last : this.#seen;
    if (seq > 0) confirmations.read(this.#id, seq);
  }

  /** Touches only what changed: a button that is replaced under somebody's finger loses the focus. */
  #drawHeader() {
    if (!this.#thread) return;
    const { subject, client, assignee, status, priority } = this.#thread;
    this.#title.textContent = staff ? client.name : subject;
    fill(this.#people, ...this.#peopleWords(staff, client, assignee, subject));
    // Names and subjects stay out of the title: browsers keep titles in their history.
    document.title = document.title.replace(/^(\(\d+\) )?.*? · /, `$1${either('Conversation', 'Conversación')} · `);
    const state = JSON.stringify([assignee, status, priority]);
    if (this.#state === state) return;
    this.#state = state;
    fill(this.#standing,
      status === 'closed' && h('span', { class: 'tag' }, either('Closed', 'Cerrada')),
      priority === 'urgent' && h('span', { class: 'tag urgent-tag' }, icon('alert'), either('Urgent', 'Urgente')),
      priority === 'emergency' && h('span', { class: 'tag urgent-tag', lang: language }, icon('alert'), either('Emergency', 'Emergencia')),
      staff && threadActions(this.#thread, (summary) => summary && this.#changed(summary)));
  }

  #peopleWords(forStaff, client, assignee, subject) {
    const other = forStaff ? client : assignee;
    const state = other && people.wordsFor(other.id);
    const presence = state ? [h('span', { class: `presence ${people.stateOf(other.id)}` }, forStaff ? state : either(`${other.name} is ${state}`, `${other.name}: ${state}`))] : [];
    if (!forStaff) return state ? presence : [assignee ? `${either('With', 'Con')} ${assignee.name}` : either('Your care team will answer here', 'Su equipo responderá aquí')];
    const whose = assignee ? (assignee.id === me.id ? 'yours' : `with ${assignee.name}`) : 'not assigned';
    return [...presence, `${state ? '· ' : ''}${subject} · ${whose}`];
  }

  #showTyping(users) {
    const names = users.map((user) => this.#thread?.participants.find(({ id }) => id === user)?.name).filter(Boolean);
    this.#typingLine.textContent = names.length === 0 ? '' : `${names.join(either(' and ', ' y '))} ${names.length === 1 ? either('is writing…', 'está escribiendo…') : either('are writing…', 'están escribiendo…')}`;
  }
}

customElements.define('care-thread', ThreadView);
