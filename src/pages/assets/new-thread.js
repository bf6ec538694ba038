// Owns: opening a conversation, by a client or (with a client to choose) by staff. Its text is a sealed draft on
// the server like every other; it is sent with one id, however often the button is pressed or the answer lost. An
// emergency waits for no draft, and goes on from a page that was loaded again.

import { api } from './api.js';
import { Draft } from './draft.js';
import { h } from './dom.js';
import { uuidV7 } from './ids.js';
import { NewEmergency } from './new-emergency.js';
import { paths, staff } from './page.js';

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
  #emergency = staff ? null : new NewEmergency(this.#form);
  #gone = false;

  get #fields() {
    return this.#form.elements;
  }

  connectedCallback() {
    if (this.#emergency) this.querySelector('[data-emergency]').append(this.#emergency.node);
    this.#take();
    this.#form.addEventListener('input', () => this.#draft.edit(this.#written()));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#run(() => (this.#emergency?.chosen ? this.#raise(false) : this.#open()));
    });
    this.#draft.addEventListener('conflict', () => this.#conflict());
    addEventListener('pagehide', () => this.#gone || this.#draft.leave());
    addEventListener('beforeunload', (event) => !this.#gone && this.#draft.dirty && event.preventDefault());
    if (staff) this.#clients();
  }

  #written() {
    return { body: this.#fields.body.value, subject: this.#fields.subject.value };
  }

  async #take() {
    const { body, subject, pendingId } = await this.#draft.load().catch(() => ({}));
    if (body || subject) {
      this.#fields.body.value ||= body;
      this.#fields.subject.value ||= subject ?? '';
      this.#status.textContent = 'This is what you had begun to write.';
    }
    // It was on its way when the page went; the same id again opens nothing twice.
    if (this.#emergency?.left) this.#run(() => this.#raise(true));
    else if (pendingId && !staff && (body || subject)) this.#run(() => this.#open(pendingId));
  }

  async #clients() {
    const { items } = await api('GET', 'ehr/clients').catch(() => ({ items: [] }));
    this.#fields.client.append(...items.map(({ id, name }) => h('option', { value: id }, name)));
  }

  /** `act` resolves with the page to go on to. Until then nothing can be changed, and nothing is sent twice. */
  async #run(act) {
    this.#failure.hidden = true;
    this.#lock(true);
    this.#status.textContent = 'Sending…';
    try {
      const next = await act();
      const emptied = this.#draft.store({ body: '', subject: '', pendingId: null }).catch(() => {});
      await Promise.race([emptied, new Promise((resume) => setTimeout(resume, RETRY_MS))]);
      this.#gone = true;
      location.replace(next);
    } catch (problem) {
      this.#lock(false);
      this.#status.textContent = '';
      this.#failure.hidden = false;
      this.#failure.textContent = this.#emergency?.chosen ? this.#emergency.refused(problem) : `Not sent: ${problem.message}`;
      this.#draft.edit(this.#written());
    }
  }

  /** While it is on its way nothing can be changed; whom to call can be called. */
  #lock(locked) {
    for (const part of this.#form.children) part.inert = locked && !part.matches('[data-emergency]');
    this.#emergency?.lock(locked);
  }

  async #open(id = uuidV7()) {
    await this.#draft.store({ ...this.#written(), pendingId: id });
    const { thread } = await this.#post({ id, ...this.#message() });
    return paths.page(thread.id);
  }

  async #raise(again) {
    this.#status.textContent = '';
    const thread = await this.#emergency.raise(again);
    return thread ? paths.page(thread) : paths.home;
  }

  #message() {
    const { client, urgent } = this.#fields;
    return {
      subject: this.#fields.subject.value.trim(),
      body: this.#fields.body.value.trim(),
      ...(client && { client: client.value }),
      ...(urgent?.checked && { priority: 'urgent' }),
    };
  }

  async #post(body) {
    for (;;) {
      try {
        return await api('POST', paths.open, { body });
      } catch (problem) {
        if (!problem.passing) throw problem;
        this.#status.textContent = 'Not sent yet. Trying again by itself; your words are kept.';
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
