// Owns: one person's text for one thread, from the first key to `sent`. The text is cleared only by `sent`, and
// only of what was sent; before a send leaves, its text and id are in the draft on the server, so that a page
// loaded later can repeat it with the same id. It never shows anything: composer.js does.

import { api, paths } from './api.js';
import { Draft } from './draft.js';
import { uuidV7 } from './ids.js';

const NOTE_RETRY_MS = 2_000;
/** A send that takes longer leaves the box, so that what is typed next does not stick to it. */
const LONG_SEND_MS = 400;

export class Writing extends EventTarget {
  text = '';
  /** Whom the text is for: `message` or staff-only `note`; null where nobody said. */
  kind = null;
  /** What was sent and is not acknowledged: {id, raw, body, kind}; their `raw` joined is how the text begins. */
  pending = [];
  /** Why the last send was refused (with `entries` when a colleague has answered since), or null. */
  refusal = null;
  /** Whether what is under way has left the box: it takes long, and stands above it. */
  parked = false;
  /** Set when the text came from the server instead of this keyboard. */
  restored = false;

  constructor({ thread, door, outbox, draft, post = api, clock = globalThis }) {
    super();
    this.thread = thread;
    this.outbox = outbox;
    this.paths = paths(door);
    this.post = post;
    this.clock = clock;
    this.draft = draft ?? new Draft({
      load: () => api('GET', this.paths.draft(thread), { automatic: true }),
      save: (body, options) => api('PUT', this.paths.draft(thread), { body, ...options }),
      clock,
    });
    this.draft.addEventListener('change', () => this.#changed());
    this.draft.addEventListener('conflict', () => this.dispatchEvent(new Event('conflict')));
  }

  /** Takes up what was left: a text, or a send whose answer nobody saw, which goes out again with its id. */
  async load({ basedOn = null } = {}) {
    const { body, kind, pendingId } = await this.draft.load();
    if (this.draft.dirty || this.pending.length > 0 || body === this.text) return;
    this.text = body;
    this.kind = kind;
    this.restored = body !== '' && !pendingId;
    if (pendingId && body.trim()) {
      this.pending = [{ id: pendingId, raw: body, body: body.trim(), kind: 'message', basedOn }];
      this.#parkLater();
      this.#drain();
    }
    this.#rewritten();
  }

  /** Whether there are words that the server does not have. */
  get unsaved() {
    return this.draft.dirty || (this.pending.length > 0 && this.rest !== '');
  }

  /** Whether the last save on the way out would probably fail, too. */
  get endangered() {
    return this.unsaved && (this.draft.trouble !== null || this.draft.conflict !== null);
  }

  /** What is written after the sends under way; null when those were edited since. */
  get rest() {
    return this.text.startsWith(this.#under) ? this.text.slice(this.#under.length) : null;
  }

  get #under() {
    return this.pending.map(({ raw }) => raw).join('');
  }

  /** What the box holds: everything, but for what has left it. */
  get box() {
    return this.parked ? this.rest : this.text;
  }

  /** The box now holds this. */
  edit(box) {
    this.text = (this.parked ? this.#under : '') + box;
    this.restored = false;
    this.refusal = null;
    if (this.pending.length === 0) this.draft.edit({ body: this.text, kind: this.kind });
    this.#changed();
  }

  /** What is written is for these readers; kept with the text. */
  addressedTo(kind) {
    if (this.kind === kind) return;
    this.kind = kind;
    if (this.pending.length === 0 && this.text) this.draft.edit({ body: this.text, kind });
  }

  /** Sends what is written, as `message` or staff-only `note`. True when there was something to send. */
  send({ kind = 'message', priority, basedOn = null }) {
    const rest = this.rest;
    if (!rest?.trim()) return false;
    this.refusal = null;
    this.restored = false;
    this.pending.push({ id: uuidV7(), raw: rest, body: rest.trim(), kind, priority, basedOn });
    if (this.parked) this.#park();
    else this.#parkLater();
    this.#drain();
    return true;
  }

  /** The colleague's answer was read: the same message, with the same id, goes through. */
  sendAnyway() {
    const { item } = this.refusal;
    this.refusal = null;
    this.pending = [{ ...item, basedOn: null }];
    this.#drain();
  }

  /** What the box holds reached the hub another way. */
  arrived(body) {
    if (this.pending.length > 0 || this.text.trim() !== body) return;
    this.edit('');
    this.draft.settled().catch(() => {});
    this.#rewritten();
  }

  /** Takes what was to be sent back, if nothing of it left. False: it may have arrived, so it can only be waited for. */
  withdraw() {
    const [item] = this.pending;
    if (!item || (this.outbox.stateOf(item.id) !== null && !this.outbox.withdraw(item.id))) return false;
    this.#takeBack();
    return true;
  }

  /** Where the send under way stands: null, or what Outbox.stateOf says. */
  get sending() {
    if (this.pending.length === 0) return null;
    const { trouble } = this.draft;
    return this.outbox.stateOf(this.pending[0].id) ?? (trouble ? (trouble.status === 0 ? 'waiting' : 'paused') : 'saving');
  }

  /** The page is going away. */
  leave() {
    if (this.pending.length === 0 || this.rest === '') this.draft.leave();
    else this.draft.leave({ body: this.text, pendingId: null });
  }

  /** Ends a draft conflict with `text`. */
  async resolve(text) {
    this.text = text;
    this.#rewritten();
    await this.draft.resolve({ body: text });
  }

  async #drain() {
    if (this.draining) return;
    this.draining = true;
    while (this.pending.length > 0) {
      const [item] = this.pending;
      this.#changed();
      try {
        await this.draft.store({ body: item.raw, kind: this.kind === null ? null : item.kind, pendingId: item.kind === 'message' ? item.id : null });
        if (this.pending[0] !== item) continue; // Taken back meanwhile.
        const sent = item.kind === 'note' ? await this.#note(item) : await this.#message(item);
        this.#acknowledged(item, sent);
      } catch (problem) {
        this.#refused(item, problem);
      }
    }
    this.draining = false;
    if (this.draft.dirty) this.draft.settled().catch(() => {});
    this.#changed();
  }

  #parkLater() {
    this.clock.setTimeout(() => this.#park(), LONG_SEND_MS);
  }

  /** Each gets a line of its own, which it keeps when it is taken back. */
  #park() {
    const { rest } = this;
    if (this.pending.length === 0 || rest === null) return;
    for (const item of this.pending) if (!item.raw.endsWith('\n')) item.raw += '\n';
    this.text = this.#under + rest;
    this.parked = true;
    this.#rewritten();
  }

  #message({ id, body, priority, basedOn }) {
    const message = { id, thread: this.thread, body };
    if (priority && priority !== 'normal') message.priority = priority;
    if (basedOn) message.basedOn = basedOn;
    return this.outbox.send(message);
  }

  async #note({ id, body }) {
    for (;;) {
      try {
        return await this.post('POST', `${this.paths.thread(this.thread)}/notes`, { body: { id, body } });
      } catch (problem) {
        if (!problem.passing) throw problem;
        await new Promise((resume) => this.clock.setTimeout(resume, problem.retryAfterMs ?? NOTE_RETRY_MS));
      }
    }
  }

  #acknowledged(item, sent) {
    this.pending.shift();
    const untouched = this.text.startsWith(item.raw);
    if (untouched) this.text = this.text.slice(item.raw.length);
    if (this.pending.length === 0) this.parked = false;
    this.draft.edit({ body: this.text, kind: this.kind });
    if (this.pending.length === 0) this.draft.settled().catch(() => {});
    this.dispatchEvent(new CustomEvent('sent', { detail: { ...sent, id: item.id, body: item.body, kind: item.kind, priority: item.priority ?? 'normal', untouched } }));
    this.#rewritten();
  }

  /** Nothing after a refused send goes out: all stays as text, in order, for the person to decide. */
  #refused(item, problem) {
    if (this.pending[0] !== item) return;
    this.refusal = { code: problem.code, message: problem.message, entries: problem.entries ?? null, item };
    this.#takeBack();
    this.dispatchEvent(new Event('refused'));
  }

  #takeBack() {
    if (this.parked && this.rest === '') this.text = this.text.replace(/\n$/, '');
    this.pending = [];
    this.parked = false;
    this.draft.edit({ body: this.text, kind: this.kind });
    this.#rewritten();
  }

  #rewritten() {
    this.dispatchEvent(new Event('rewritten'));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
