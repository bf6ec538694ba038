// Owns: opening a conversation, by a client or (with a client to choose) by staff. Its text is a sealed draft on
// the server like every other; it is sent with one id, however often the button is pressed or the answer lost.

import { api } from './api.js';
import { crisisLinks } from './crisis-links.js';
import { Draft } from './draft.js';
import { h } from './dom.js';
import { uuidV7 } from './ids.js';
import { wordsFor } from './emergency-words.js';
import { me, paths, staff } from './page.js';

const RETRY_MS = 2_000;
const NEW = 'new';

class NewThread extends HTMLElement {
  #form = this.querySelector('form');
  #failure = this.querySelector('.failure');
  #status = this.querySelector('.composer-status');
  #draft = new Draft({
    load: () => api('GET', paths.draft(NEW)),
    save: (body, options) => api('PUT', paths.draft(NEW), { body, ...options }),
  });
  #gone = false;

  get #fields() {
    return this.#form.elements;
  }

  connectedCallback() {
    this.#take();
    this.#form.addEventListener('input', () => this.#draft.edit(this.#written()));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#open();
    });
    this.#draft.addEventListener('conflict', () => this.#conflict());
    addEventListener('pagehide', () => this.#gone || this.#draft.leave());
    addEventListener('beforeunload', (event) => !this.#gone && this.#draft.dirty && event.preventDefault());
    if (staff) this.#clients();
    else this.#emergency();
  }

  /** Who says that it is one reads at once whom to call, and what the practice can do. */
  #emergency() {
    const { confirm, resources, language, button: words } = wordsFor(me.language);
    const box = h('input', { type: 'checkbox', name: 'emergency' });
    const said = h('div', { class: 'stack', role: 'status', hidden: true }, h('p', {}, confirm.now), crisisLinks(resources), h('p', {}, confirm.limits));
    box.addEventListener('change', () => { said.hidden = !box.checked; });
    this.querySelector('[data-emergency]').append(h('div', { class: 'stack', lang: language }, h('label', { class: 'urgent-choice' }, box, words), said));
  }

  #written() {
    return { body: this.#fields.body.value, subject: this.#fields.subject.value };
  }

  async #take() {
    const { body, subject, pendingId } = await this.#draft.load().catch(() => ({}));
    if (!body && !subject) return;
    this.#fields.body.value ||= body;
    this.#fields.subject.value ||= subject ?? '';
    this.#status.textContent = 'This is what you had begun to write.';
    // It was on its way when the page went; the same id again opens nothing twice.
    if (pendingId && !staff) this.#open(pendingId);
  }

  async #clients() {
    const { items } = await api('GET', 'ehr/clients').catch(() => ({ items: [] }));
    this.#fields.client.append(...items.map(({ id, name }) => h('option', { value: id }, name)));
  }

  async #open(id = uuidV7()) {
    this.#failure.hidden = true;
    this.#form.inert = true;
    this.#status.textContent = 'Sending…';
    try {
      // An emergency waits for no draft, and is not sent again by a page that knows no more that it was one.
      if (!this.#fields.emergency?.checked) await this.#draft.store({ ...this.#written(), pendingId: id });
      const { thread } = await this.#post({ id, ...this.#message() });
      await this.#draft.store({ body: '', subject: '', pendingId: null }).catch(() => {});
      this.#gone = true;
      location.replace(paths.page(thread.id));
    } catch (problem) {
      this.#form.inert = false;
      this.#status.textContent = '';
      this.#failure.hidden = false;
      this.#failure.textContent = `Not sent: ${problem.message}`;
      this.#draft.edit(this.#written());
    }
  }

  #message() {
    const { client, urgent, emergency } = this.#fields;
    return {
      subject: this.#fields.subject.value.trim(),
      body: this.#fields.body.value.trim(),
      ...(client && { client: client.value }),
      ...(urgent?.checked && { priority: 'urgent' }),
      ...(emergency?.checked && { priority: 'emergency' }),
    };
  }

  async #post(body) {
    for (;;) {
      try {
        return await api('POST', paths.open, { body });
      } catch (problem) {
        if (!problem.passing) throw problem;
        this.#status.textContent = this.#fields.emergency?.checked
          ? 'Not sent yet. Trying again by itself. Do not wait for it: call 911 or 988.'
          : 'Not sent yet. Trying again by itself; your words are kept.';
        await new Promise((resume) => setTimeout(resume, problem.retryAfterMs ?? RETRY_MS));
      }
    }
  }

  /** Written on two devices at once: both texts stand one after the other, to be put right by their author. */
  #conflict() {
    const { body, subject } = this.#draft.conflict;
    this.#fields.body.value = [body, this.#fields.body.value].filter(Boolean).join('\n\n');
    this.#fields.subject.value ||= subject ?? '';
    this.#status.textContent = 'You also wrote on another device. Both texts are here; please check them.';
    this.#draft.resolve(this.#written()).catch(() => {});
  }
}

customElements.define('care-new-thread', NewThread);
