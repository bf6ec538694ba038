// Owns: opening a conversation, by a client or (with a client to choose) by staff. Its text is a sealed draft on
// the server like every other; it is sent with one id, however often the button is pressed or the answer lost. Files are
// uploaded meanwhile, for the client who is chosen. An emergency waits for no draft and no file, and goes on from a page
// that was loaded again.

import { api } from './api.js';
import { sendAttached } from './attached-send.js';
import './attachments.js';
import { Draft } from './draft.js';
import { h } from './dom.js';
import { either, reason } from './either.js';
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
  #files = document.createElement('care-attachments');
  #gone = false;

  get #fields() {
    return this.#form.elements;
  }

  connectedCallback() {
    if (this.#emergency) this.querySelector('[data-emergency]').append(this.#emergency.node);
    this.#status.before(this.#files);
    if (!staff) this.#files.open('portal/messages/attachments');
    this.#take();
    this.#form.addEventListener('input', () => this.#draft.edit(this.#written()));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#run(() => (this.#emergency?.chosen ? this.#raise(false) : this.#open()));
    });
    if (this.#emergency) this.#form.addEventListener('change', () => this.#withoutFiles());
    this.#draft.addEventListener('conflict', () => this.#conflict());
    addEventListener('pagehide', () => this.#gone || this.#draft.leave());
    addEventListener('beforeunload', (event) => !this.#gone && this.#draft.dirty && event.preventDefault());
    if (staff) this.#clients();
  }

  /** An emergency waits for nothing. */
  #withoutFiles() {
    const { chosen } = this.#emergency;
    if (this.#files.hidden === chosen) return;
    this.#files.hidden = chosen;
    this.#status.textContent = chosen && this.#files.count > 0 ? either('An emergency goes out at once, without files. Add them in the conversation afterwards.', 'Una emergencia sale de inmediato, sin archivos. Agréguelos después en la conversación.') : '';
  }

  /** What was attached belongs to the client who was chosen then. */
  #addressed() {
    const { value } = this.#fields.client;
    if (this.#files.count > 0) this.#status.textContent = 'The files were for another client and are not attached any more.';
    this.#files.drop();
    this.#files.hidden = !value;
    if (value) this.#files.open(`ehr/messages/attachments?${new URLSearchParams({ client: value })}`);
  }

  #written() {
    return { body: this.#fields.body.value, subject: this.#fields.subject.value };
  }

  async #take() {
    const { body, subject, pendingId } = await this.#draft.load().catch(() => ({}));
    if (body || subject) {
      this.#fields.body.value ||= body;
      this.#fields.subject.value ||= subject ?? '';
      this.#status.textContent = either('This is what you had begun to write.', 'Esto es lo que había empezado a escribir.');
    }
    // It was on its way when the page went; the same id again opens nothing twice.
    if (this.#emergency?.left) this.#run(() => this.#raise(true));
    else if (pendingId && !staff && (body || subject)) this.#run(() => this.#open(pendingId));
  }

  async #clients() {
    const { items } = await api('GET', 'ehr/clients').catch(() => ({ items: [] }));
    this.#files.hidden = true;
    this.#fields.client.addEventListener('change', () => this.#addressed());
    this.#fields.client.append(...items.map(({ id, name }) => h('option', { value: id }, name)));
  }

  /** `act` resolves with the page to go on to. Until then nothing can be changed, and nothing is sent twice. */
  async #run(act) {
    this.#failure.hidden = true;
    this.#lock(true);
    this.#status.textContent = either('Sending…', 'Enviando…');
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
      this.#failure.textContent = this.#emergency?.chosen ? this.#emergency.refused(problem) : `${either('Not sent', 'No se envió')}: ${reason(problem)}`;
      this.#draft.edit(this.#written());
    }
  }

  /** While it is on its way nothing can be changed; whom to call can be called. */
  #lock(locked) {
    for (const part of this.#form.children) part.inert = locked && !part.matches('[data-emergency]');
    this.#emergency?.lock(locked);
  }

  async #open(id = uuidV7()) {
    if (this.#files.count > 0) return this.#openAttached(id);
    await this.#draft.store({ ...this.#written(), pendingId: id });
    const { thread } = await sendAttached(paths.open, { id, ...this.#message() }, () => this.#waiting());
    return paths.page(thread.id);
  }

  /** With files: should the page be loaded again, the words are here, but nothing is sent without the files. */
  async #openAttached(id) {
    if (this.#files.unfinished) throw new Error(either('Not all files have arrived yet. Wait a moment, or remove them.', 'Aún no han llegado todos los archivos. Espere un momento o quítelos.'));
    await this.#draft.store({ ...this.#written(), pendingId: null });
    const { thread } = await sendAttached(paths.open, { id, ...this.#message(), attachments: this.#files.ids }, () => this.#waiting());
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

  #waiting() {
    this.#status.textContent = either('Not sent yet. Trying again by itself; your words are kept.', 'Aún no se envió. Se intenta de nuevo por sí solo; sus palabras se conservan.');
  }

  /** Written on two devices at once: both texts stand one after the other, to be put right by their author. */
  #conflict() {
    const { body, subject } = this.#draft.conflict;
    this.#fields.body.value = [body, this.#fields.body.value].filter(Boolean).join('\n\n');
    this.#fields.subject.value ||= subject ?? '';
    this.#status.textContent = either('You also wrote on another device. Both texts are here; please check them.', 'También escribió en otro dispositivo. Los dos textos están aquí; revíselos, por favor.');
    this.#draft.resolve(this.#written()).catch(() => {});
  }
}

customElements.define('care-new-thread', NewThread);
