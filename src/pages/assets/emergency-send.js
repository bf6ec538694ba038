// Owns: getting an emergency to the hub. It goes by a call of its own, so that neither a broken socket nor a message
// stuck before it holds it up, and is repeated with one id until the hub has it. Words stay in the box until then.
// Only ids are kept in the browser: what a page left unsent, the same page loaded again sends with the same id.

import { api, paths } from './api.js';
import { uuidV7 } from './ids.js';

const RETRY_MS = 2_000;
const KEY = 'care-emergency:';

export class EmergencySend extends EventTarget {
  /** null, `sending`, or `refused`. */
  state = null;
  /** When the send under way began. */
  since = 0;
  /** Why it was refused. */
  problem = null;

  #thread;
  #path;
  #post;
  #clock;
  #store;

  /** `thread`: an id, or `new` with the `path` of the call that opens one. */
  constructor(thread, { path = `${paths('portal').thread(thread)}/reply`, post = api, clock = globalThis, store = globalThis.sessionStorage } = {}) {
    super();
    this.#thread = thread;
    this.#path = path;
    this.#post = post;
    this.#clock = clock;
    this.#store = store;
  }

  /** The id of a send whose answer an earlier page did not live to see. */
  get left() {
    return this.#store?.getItem(KEY + this.#thread) ?? null;
  }

  /** Sends; true when the hub has it. `more`: what the call takes beside the words. */
  send(body, more = {}) {
    return this.#send(uuidV7(), body, more, false);
  }

  /**
   * Sends what an earlier page left, by the same id. Its words may be gone: then the hub, which has them already or
   * never heard of them, gets these. Resolves like `send`.
   */
  resume(body, more = {}) {
    return this.#send(this.left, body, more, true);
  }

  async #send(id, body, more, again) {
    if (this.state === 'sending') return false;
    this.#store?.setItem(KEY + this.#thread, id);
    this.since = Date.now();
    this.#become('sending');
    for (;;) {
      try {
        const receipt = await this.#post('POST', this.#path, { body: { id, body, priority: 'emergency', ...more } });
        return this.#arrived({ ...receipt, id, body });
      } catch (problem) {
        // Whoever was signed out signs in again, and the page sends it anew.
        if (problem.status === 401) return this.#become(null), false;
        // The hub has this id with other words: those of the page that went.
        if (again && problem.code === 'conflict') return this.#arrived({ id, body: null });
        if (!problem.passing) return this.#end('refused', problem), false;
        await new Promise((resume) => this.#clock.setTimeout(resume, Math.min(problem.retryAfterMs ?? RETRY_MS, RETRY_MS)));
      }
    }
  }

  #arrived(receipt) {
    this.#end(null);
    this.dispatchEvent(new CustomEvent('sent', { detail: receipt }));
    return true;
  }

  #end(state, problem = null) {
    this.#store?.removeItem(KEY + this.#thread);
    this.problem = problem;
    this.#become(state);
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
