// Owns: keeping one text sealed on the server while it is written. One save at a time; a save that failed in
// passing is repeated; a text that another device changed meanwhile is never overwritten, but handed up as a
// conflict. Nothing is ever kept in the browser's own storage.

const DEBOUNCE_MS = 400;
const RETRY_MS = 2_000;
/** Beyond this many saves without an answer the person is asked which text to keep. */
const UNSURE = 200;
const EMPTY = { body: '', subject: null, kind: null, pendingId: null };

export class Draft extends EventTarget {
  /** The other text ({body, subject, revision, updatedAt}) while the person has not chosen. */
  conflict = null;
  /** Why the last save failed, until one succeeds. */
  trouble = null;

  #load;
  #save;
  #clock;
  #want = EMPTY;
  #stored = { ...EMPTY, revision: 0 };
  /** Texts whose saving failed in passing: one of them may have arrived all the same. */
  #unsure = new Set();
  #saving = null;
  #timer = null;
  #waiters = [];

  /** `load()` gives the stored draft; `save(draft, {keepalive})` stores one and gives its new revision. */
  constructor({ load, save, clock = globalThis }) {
    super();
    this.#load = load;
    this.#save = save;
    this.#clock = clock;
  }

  get dirty() {
    return !same(this.#want, this.#stored);
  }

  /** Reads the stored draft and starts from it, unless something was written meanwhile: that goes on. */
  async load() {
    const stored = await this.#load();
    if (!this.dirty && !this.#saving) this.#adopt(stored);
    return this.#want;
  }

  /** The text is now this; it is saved when writing pauses. */
  edit(fields) {
    this.#want = { ...this.#want, pendingId: null, ...fields };
    this.#later(DEBOUNCE_MS);
    this.#changed();
  }

  /** Saves this at once; resolves when it is on the server, rejects when the person has to choose first. */
  store(fields) {
    this.#want = { ...this.#want, ...fields };
    return this.settled();
  }

  /** Resolves when the server has what is wanted. */
  settled() {
    if (this.conflict) return Promise.reject(undecided());
    if (!this.dirty && !this.#saving) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#run();
    });
  }

  /** The page is going away: one last save that outlives it. It overrides a save still under way. */
  leave(fields = {}) {
    this.#want = { ...this.#want, ...fields };
    if (!this.dirty || this.conflict) return;
    const revision = this.#saving ? undefined : this.#stored.revision;
    const wanted = this.#want;
    this.#save({ ...wanted, revision }, { keepalive: true }).then(
      ({ revision: stored }) => { this.#stored = { ...wanted, revision: stored }; },
      () => this.#doubt(wanted),
    );
  }

  /** Ends a conflict with this text, whoever wrote it. */
  resolve(fields) {
    this.#stored = { ...this.#stored, revision: this.conflict.revision };
    this.conflict = null;
    return this.store({ pendingId: null, ...fields });
  }

  #later(delay) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#run(), delay);
  }

  async #run() {
    this.#clock.clearTimeout(this.#timer);
    if (this.#saving || this.conflict) return;
    if (!this.dirty) return this.#release(({ resolve }) => resolve());
    const wanted = this.#want;
    this.#saving = this.#save({ ...wanted, revision: this.#stored.revision }, {});
    this.#changed();
    try {
      const { revision } = await this.#saving;
      this.#stored = { ...wanted, revision };
      this.#unsure.clear();
      this.#saving = null;
      this.trouble = null;
      this.#run();
    } catch (problem) {
      this.#saving = null;
      this.#failed(problem, wanted);
    }
    this.#changed();
  }

  #failed(problem, wanted) {
    if (problem.code === 'conflict') return this.#collided(problem, wanted);
    this.#doubt(wanted);
    this.trouble = problem;
    if (problem.status === 401) return; // Whoever signs in again calls settled().
    if (problem.passing) return this.#later(problem.retryAfterMs ?? RETRY_MS);
    this.#release(({ reject }) => reject(problem));
  }

  #collided(problem, wanted) {
    const current = { ...EMPTY, ...problem.answer.current };
    if ([wanted, ...this.#unsure].some((draft) => same(current, draft))) {
      // That save had arrived; only its answer was lost.
      this.#stored = current;
      this.#run();
      return;
    }
    this.conflict = current;
    this.#release(({ reject }) => reject(undecided()));
    this.dispatchEvent(new Event('conflict'));
  }

  #doubt(draft) {
    this.#unsure.add(draft);
    if (this.#unsure.size > UNSURE) this.#unsure.delete(this.#unsure.values().next().value);
  }

  #adopt(draft) {
    this.#stored = { ...EMPTY, ...draft };
    const { body, subject, kind, pendingId } = this.#stored;
    this.#want = { body, subject, kind, pendingId };
    this.#changed();
  }

  #release(how) {
    this.#waiters.splice(0).forEach(how);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

const undecided = () =>
  Object.assign(new Error('You wrote something else here on another device. Choose which text to keep, then send.'), { code: 'draftConflict' });

const same = (one, other) =>
  one.body === other.body && (one.subject ?? '') === (other.subject ?? '') && (one.kind ?? null) === (other.kind ?? null)
  && (one.pendingId ?? null) === (other.pendingId ?? null);
