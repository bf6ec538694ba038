// Owns: what is answered so far, and that the hub has it. Saves after a moment, one save at a time, always from the
// revision that the hub gave last; where another device was faster, what that one kept comes back. It draws nothing.

import { api } from './api.js';

const WAIT_MS = 500;
const AGAIN_MS = 4_000;

/** Events: `change` (how far saving is), `replaced` (the answers are others now). */
export class AnswerStore extends EventTarget {
  #path;
  #revision;
  #timer = null;
  #saving = null;
  #dirty = false;
  answers;
  /** saved, saving, waiting (for a connection), refused */
  state = 'saved';
  problem = null;

  constructor(id, { answers, revision }) {
    super();
    this.#path = `portal/assessments/${id}`;
    this.#revision = revision;
    this.answers = { ...answers };
  }

  set(item, value) {
    if (value === null) delete this.answers[item];
    else this.answers[item] = value;
    this.#dirty = true;
    // From the first moment: what says "saved" is believed, and the page left.
    if (this.state === 'saved') this.#become('saving');
    this.#later(WAIT_MS);
  }

  /** Of the answers that the hub has. */
  get revision() {
    return this.#revision;
  }

  get unsaved() {
    return this.#dirty || this.#saving !== null;
  }

  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), ms);
  }

  async #save() {
    if (this.#saving || !this.#dirty) return;
    this.#dirty = false;
    this.#become('saving');
    this.#saving = api('PUT', `${this.#path}/answers`, { body: { answers: this.answers, revision: this.#revision } });
    try {
      this.#revision = (await this.#saving).revision;
      // What was chosen meanwhile is not saved yet.
      this.#become(this.#dirty ? 'saving' : 'saved');
    } catch (problem) {
      this.#failed(problem);
    } finally {
      this.#saving = null;
      if (this.#dirty) this.#later(this.state === 'waiting' ? AGAIN_MS : WAIT_MS);
    }
  }

  #failed(problem) {
    const { current } = problem.answer ?? {};
    if (problem.code === 'conflict' && current) {
      this.#revision = current.revision;
      this.answers = { ...current.answers };
      this.#dirty = false;
      this.#become('saved');
      this.dispatchEvent(new Event('replaced'));
      return;
    }
    this.problem = problem;
    // What passes by itself is tried again; what was refused would be refused again.
    this.#dirty = problem.passing;
    this.#become(problem.passing ? 'waiting' : 'refused');
  }

  /** Leaves the page: the last save outlives it. */
  leave() {
    if (!this.#dirty) return;
    clearTimeout(this.#timer);
    this.#dirty = false;
    api('PUT', `${this.#path}/answers`, { body: { answers: this.answers, revision: this.#revision }, keepalive: true }).catch(() => {});
  }

  /** Submits the answers to `items`, after whatever is being saved. */
  async submit(items) {
    clearTimeout(this.#timer);
    await this.#saving?.catch(() => {});
    const answers = Object.fromEntries(items.filter((id) => id in this.answers).map((id) => [id, this.answers[id]]));
    const submitted = await api('POST', `${this.#path}/submit`, { body: { answers } });
    clearTimeout(this.#timer);
    this.#dirty = false;
    this.#become('saved');
    return submitted;
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
