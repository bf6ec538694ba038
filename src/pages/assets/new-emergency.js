// Owns: an emergency that opens a conversation: the box to tick, whom to turn to meanwhile, and getting it to the hub.
// Where its words were lost with a page, the usual ones go out: what counts is that somebody is called.

import { crisisLinks } from './crisis-links.js';
import { h } from './dom.js';
import { EmergencySend } from './emergency-send.js';
import { wordsFor } from './emergency-words.js';
import { me, paths } from './page.js';

const QUICK_MS = 1_500;

export class NewEmergency {
  node;
  #words = wordsFor(me.language);
  #form;
  #send = new EmergencySend('new', { path: paths.open });
  #box = h('input', { type: 'checkbox', name: 'emergency' });
  #waiting = h('p', { class: 'failure', role: 'alert', hidden: true });

  constructor(form) {
    this.#form = form;
    const { confirm, language, button: words, sending } = this.#words;
    const said = h('div', { class: 'stack', role: 'status', hidden: true }, h('p', {}, confirm.now), crisisLinks(this.#words), h('p', {}, confirm.limits));
    this.node = h('div', { class: 'stack', lang: language }, h('label', { class: 'urgent-choice' }, this.#box, words), this.#waiting, said);
    this.#waiting.textContent = `${sending.title}. ${sending.text}`;
    this.#box.addEventListener('change', () => {
      said.hidden = !this.#box.checked;
      // Whoever is in danger needs no subject.
      this.#form.elements.subject.required = this.#form.elements.body.required = !this.#box.checked;
    });
  }

  get chosen() {
    return this.#box.checked;
  }

  /** Whether an earlier page left one on its way. */
  get left() {
    return this.#send.left !== null;
  }

  /** Resolves with the thread's id once the hub has it; null where it had it before, and does not say in which thread. */
  async raise(again) {
    const { body, subject } = this.#form.elements;
    if (again && !this.#box.checked) this.#box.click();
    body.value ||= this.#words.confirm.usual;
    subject.value ||= this.#words.button;
    let thread = null;
    const hear = ({ detail }) => { thread = detail.thread?.id ?? null; };
    this.#send.addEventListener('sent', hear, { once: true });
    const timer = setTimeout(() => { this.#waiting.hidden = false; }, QUICK_MS);
    try {
      const words = [body.value.trim(), { subject: subject.value.trim() }];
      if (await (again ? this.#send.resume(...words) : this.#send.send(...words))) return thread;
      throw this.#send.problem ?? new Error(this.#words.unknown);
    } finally {
      clearTimeout(timer);
      this.#waiting.hidden = true;
      this.#send.removeEventListener('sent', hear);
    }
  }

  lock(locked) {
    this.#box.disabled = locked;
  }

  refused({ message }) {
    return this.#words.refused(message);
  }
}
