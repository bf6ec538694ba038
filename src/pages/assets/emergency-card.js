// Owns: the card in a client's conversation that says where their emergency stands. It shows what the hub last said
// and when that was; without a connection it says so. It never guesses that somebody is coming.

import { api } from './api.js';
import { crisisLinks, shownNumber, telephone } from './crisis-links.js';
import { button, fill, h, icon } from './dom.js';
import { wordsFor } from './emergency-words.js';
import { connection, me, paths } from './page.js';

/** Reads again so long after an answer was due, and while one is open: a frame may have been lost. */
const LOOK_AGAIN_MS = 15_000;
const QUICK_MS = 1_500;
const OPEN = ['raised', 'paging', 'acknowledged', 'exhausted'];

class EmergencyCard extends HTMLElement {
  #words = wordsFor(me.language);
  #send = null;
  #path = null;
  #known = null;
  #readAt = null;
  #failed = false;
  #hidden = null;
  #timer = null;
  #reading = 0;
  #drawn = null;
  #gone = new AbortController();
  #body = h('div', { class: 'emergency-body' });
  #announcer = h('p', { class: 'visually-hidden', role: 'alert' });

  /** `send`: the EmergencySend of this thread. Without a thread, `path` is the call that tells of the emergency. */
  open(thread, send, path = `${paths.thread(thread)}/emergency`) {
    this.#gone.abort();
    this.#gone = new AbortController();
    this.#send = send;
    this.#path = path;
    this.lang = this.#words.language;
    this.hidden = true;
    fill(this, h('section', { class: 'emergency-card', 'aria-label': this.#words.region, tabindex: '-1' }, this.#body), this.#announcer);
    const on = (target, type, handle) => target.addEventListener(type, handle, { signal: this.#gone.signal });
    on(connection, 'escalation', ({ detail }) => detail.thread === thread && this.#read());
    on(connection, 'entry', ({ detail }) => detail.thread === thread && this.#read());
    on(connection, 'synced', () => this.#read());
    on(connection, 'state', () => this.#draw());
    on(send, 'change', () => this.#draw());
    on(send, 'sent', () => this.#read());
    this.#read();
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#timer);
  }

  async #read() {
    const reading = ++this.#reading;
    clearTimeout(this.#timer);
    try {
      const answer = await api('GET', this.#path, { automatic: true });
      if (reading !== this.#reading) return;
      this.#known = answer?.emergency ?? null;
      this.#readAt = new Date();
      this.#failed = false;
    } catch (problem) {
      if (reading !== this.#reading) return;
      this.#failed = problem.status !== 404;
    }
    if (this.#failed || OPEN.includes(this.#known?.state)) this.#timer = setTimeout(() => this.#read(), LOOK_AGAIN_MS);
    this.#draw();
  }

  #draw() {
    const parts = this.#parts();
    this.hidden = parts === null;
    if (!parts) return;
    // Touched only when it says something else: a link that is replaced under a thumb is a call not made.
    const now = JSON.stringify([parts.kind, parts.title, ...parts.key]);
    if (this.#drawn === now) return;
    this.#drawn = now;
    this.dataset.kind = parts.kind;
    fill(this.#body,
      h('h2', {}, icon('alert'), parts.title, this.#known?.drill && h('span', { class: 'tag' }, this.#words.drill)),
      this.#known?.drill && h('p', {}, this.#words.drillText),
      ...parts.lines.filter(Boolean).map((line) => (typeof line === 'string' ? h('p', {}, line) : line)));
    const aloud = `${parts.title}. ${parts.aloud ?? ''}`;
    if (this.#announcer.textContent !== aloud) this.#announcer.textContent = aloud;
  }

  /** What is to be said now: {kind, title, lines, key, aloud}; null: nothing. */
  #parts() {
    const words = this.#words;
    if (this.#send.state === 'sending') return this.#sending(words.sending);
    if (this.#send.state === 'refused') return this.#plain('bad', words.sending.title, words.refused(this.#send.problem.message), true);
    if (!this.#known) return this.#failed && this.#readAt === null && this.#send.left ? this.#plain('bad', words.region, words.unknown, true) : null;
    const parts = this.#of(this.#known);
    const stale = this.#failed || !connection.online;
    if (!parts || !stale || this.#known.state === 'resolved') return parts;
    const doubt = words.stale(words.at(this.#readAt));
    const links = parts.calls ? null : crisisLinks(words);
    return { ...parts, lines: [...parts.lines, h('p', { class: 'stale' }, doubt), links], key: [...parts.key, doubt] };
  }

  /** A send that is quick needs no word; one that takes longer than that did not arrive. */
  #sending({ now, title, text }) {
    const left = this.#send.since + QUICK_MS - Date.now();
    if (left <= 0) return this.#plain('bad', title, text, true);
    setTimeout(() => this.#draw(), left);
    return { kind: 'wait', title: now, lines: [crisisLinks(this.#words)], key: [], calls: true };
  }

  #plain(kind, title, text, calls) {
    return { kind, title, lines: [text, calls && crisisLinks(this.#words)], key: [text], aloud: text, calls };
  }

  #of(emergency) {
    const { state } = emergency;
    const { at } = this.#words;
    if (state === 'acknowledged') return this.#acknowledged(emergency);
    if (state === 'exhausted') return this.#exhausted(emergency);
    if (state === 'resolved') return this.#resolved(emergency);
    const { paging, raised } = this.#words;
    const told = emergency.told ?? [];
    if (told.length === 0) return { ...this.#plain('wait', raised.title, raised.text, true) };
    const seen = told.filter(({ seenAt }) => seenAt);
    const overdue = emergency.dueAt && Date.parse(emergency.dueAt) < connection.hubNow();
    const due = emergency.dueAt ? (overdue ? paging.overdue : paging.due(at(emergency.dueAt))) : null;
    const list = told.map(({ name, at: when, seenAt }) => (seenAt ? paging.seen(name, at(seenAt)) : paging.told(name, at(when))));
    return {
      kind: 'wait', title: paging.title, key: [...list, due], aloud: list.at(-1), calls: true,
      // On a small screen whatever stands last has to be looked for.
      lines: [crisisLinks(this.#words), h('ul', { class: 'told' }, ...list.map((line) => h('li', {}, line))), seen.length === 0 && paging.nobodySaw, due],
    };
  }

  #acknowledged({ acknowledgedBy, acknowledgedAt, dueAt }) {
    const { acknowledged, at, somebody } = this.#words;
    const who = acknowledgedBy?.name ?? somebody;
    const lines = [acknowledged.text(who, at(acknowledgedAt)), dueAt && acknowledged.due(at(dueAt))];
    return { kind: 'good', title: acknowledged.title(who), lines, key: lines, aloud: lines[0] };
  }

  #exhausted({ exhaustedAt, practicePhone }) {
    const { exhausted, callPractice, at } = this.#words;
    const practice = practicePhone ? [{ href: telephone(practicePhone), words: callPractice(shownNumber(practicePhone)) }] : [];
    const text = exhausted.text(at(exhaustedAt));
    return { kind: 'bad', title: exhausted.title, lines: [text, crisisLinks(this.#words, practice), exhausted.still], key: [text, practicePhone], aloud: text, calls: true };
  }

  #resolved({ id, resolvedBy, resolvedAt }) {
    const { resolved, at } = this.#words;
    if (this.#hidden === id || Date.now() - Date.parse(resolvedAt) > 24 * 3_600_000) return null;
    const text = resolved.text(resolvedBy?.name, at(resolvedAt));
    const hide = button(resolved.hide, { kind: 'small', onclick: () => { this.#hidden = id; this.#draw(); } });
    return { kind: 'calm', title: resolved.title, lines: [`${text} ${resolved.again}`, h('div', {}, hide)], key: [text], aloud: text };
  }
}

customElements.define('care-emergency', EmergencyCard);
