// Owns: keeping the answers of one form sealed on the server while they are written. Only what changed is sent, with the
// revision that it started from. What another window changed meanwhile is taken in; where both changed the same answer,
// neither is lost: the person chooses. Nothing is ever kept in the browser's own storage.

const DEBOUNCE_MS = 400;
const RETRY_MS = 2_000;

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** By their keys and nothing else: whatever a form calls its fields, nobody answered what is not there. */
const own = (answers) => Object.assign(Object.create(null), answers);

export class FormDraft extends EventTarget {
  /** The answers of the other window, by field, between which and one's own nobody has chosen yet. */
  conflicts = new Map();
  /** Why the last save failed, until one succeeds. */
  trouble = null;

  #save;
  #clock;
  #want;
  #stored;
  #saving = null;
  #timer = null;
  #waiters = [];

  /** `save({revision, answers}, {keepalive})` stores what changed and gives the draft as it is then. */
  constructor({ draft, save, clock = globalThis }) {
    super();
    this.#save = save;
    this.#clock = clock;
    this.#want = own(draft.answers);
    this.#stored = { answers: own(draft.answers), revision: draft.revision };
    this.savedAt = draft.savedAt;
  }

  get answers() {
    return this.#want;
  }

  get revision() {
    return this.#stored.revision;
  }

  /** What the server does not have yet; null where an answer was taken away. */
  get changed() {
    const keys = new Set([...Object.keys(this.#want), ...Object.keys(this.#stored.answers)]);
    const changed = [...keys].filter((key) => !this.conflicts.has(key) && !same(this.#want[key], this.#stored.answers[key]));
    return Object.fromEntries(changed.map((key) => [key, this.#want[key] ?? null]));
  }

  get saving() {
    return this.#saving !== null;
  }

  get unsaved() {
    return this.saving || this.conflicts.size > 0 || Object.keys(this.changed).length > 0;
  }

  /** Leaving the page now might lose something. */
  get endangered() {
    return this.conflicts.size > 0 || (this.unsaved && this.trouble !== null);
  }

  /** The answer is now this; it is saved when writing pauses. */
  set(key, answer) {
    this.#want[key] = answer;
    this.#later(DEBOUNCE_MS);
    this.#tell();
  }

  /** Resolves when the server has everything; rejects where that cannot be, or a choice is due. */
  settled() {
    if (this.conflicts.size > 0) return Promise.reject(new Error('Choose first which answers to keep.'));
    if (!this.unsaved) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#run();
    });
  }

  /** Ends a conflict with one's own answer, or with the other. */
  choose(key, theirs) {
    if (theirs) this.#want[key] = this.conflicts.get(key);
    this.conflicts.delete(key);
    this.#run();
    this.#tell();
  }

  /** What the server has by now: what the page before saved as it went, or another window. */
  takeIn(current) {
    // What was asked for before a save that came back meanwhile is older than what is here.
    if (this.saving || current.revision <= this.#stored.revision) return;
    this.#collided(current);
    this.#tell();
  }

  /** The page is going away: one last save that outlives it, over whatever is under way. */
  leave() {
    const answers = this.changed;
    if (Object.keys(answers).length > 0) this.#save({ answers }, { keepalive: true }).catch(() => {});
  }

  #later(delay) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#run(), delay);
  }

  async #run() {
    this.#clock.clearTimeout(this.#timer);
    if (this.#saving) return;
    const answers = this.changed;
    if (Object.keys(answers).length === 0) return this.#release(({ resolve, reject }) => (this.conflicts.size > 0 ? reject(new Error('Choose first which answers to keep.')) : resolve()));
    this.#saving = this.#save({ revision: this.#stored.revision, answers }, {});
    this.#tell();
    try {
      const { revision, savedAt } = await this.#saving;
      this.#saving = null;
      this.#stored = { answers: Object.assign(own(this.#stored.answers), answers), revision };
      this.savedAt = savedAt;
      this.trouble = null;
      this.#run();
    } catch (problem) {
      this.#saving = null;
      this.#failed(problem);
    }
    this.#tell();
  }

  #failed(problem) {
    const current = problem.answer?.current;
    if (problem.code === 'conflict' && current) return this.#collided(current);
    this.trouble = problem;
    if (problem.status === 401) return; // Whoever signs in again calls settled().
    if (problem.passing) return this.#later(problem.retryAfterMs ?? RETRY_MS);
    this.#release(({ reject }) => reject(problem));
  }

  /** Somebody else saved: their answers come in, but never over what was written here. */
  #collided(current) {
    const [taken, now] = [[], own(current.answers)];
    for (const key of new Set([...Object.keys(now), ...Object.keys(this.#stored.answers)])) {
      const [theirs, before] = [now[key], this.#stored.answers[key]];
      if (same(theirs, before)) continue;
      if (same(this.#want[key], before)) {
        this.#want[key] = theirs;
        taken.push(key);
      } else if (!same(this.#want[key], theirs)) {
        this.conflicts.set(key, theirs ?? null);
      }
    }
    this.#stored = { answers: now, revision: current.revision };
    if (taken.length > 0) this.dispatchEvent(new CustomEvent('taken', { detail: taken }));
    this.#run();
  }

  #release(settle) {
    this.#waiters.splice(0).forEach(settle);
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
