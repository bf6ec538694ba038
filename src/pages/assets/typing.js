// Owns: who is writing, told and heard. Telling is sparing (once in a while, and when it ends); what is heard
// lapses by itself, so that a lost `off` never leaves somebody writing for ever.

const TELL_EVERY_MS = 3_000;
const PAUSE_MS = 5_000;
const LAPSES_MS = 6_000;

/** Tells the hub that one's person is writing in a thread. */
export class TypingTold {
  #told = 0;
  #timer = null;

  constructor(connection, thread) {
    this.connection = connection;
    this.thread = thread;
  }

  writing() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stopped(), PAUSE_MS);
    if (Date.now() - this.#told < TELL_EVERY_MS) return;
    this.#told = Date.now();
    this.connection.send({ type: 'typing', thread: this.thread, on: true });
  }

  stopped() {
    clearTimeout(this.#timer);
    if (this.#told === 0) return;
    this.#told = 0;
    this.connection.send({ type: 'typing', thread: this.thread, on: false });
  }
}

/** Hears who is writing in a thread; calls `changed` with their ids. */
export class TypingHeard {
  #timers = new Map();

  constructor(changed) {
    this.changed = changed;
  }

  hear(user, on) {
    clearTimeout(this.#timers.get(user));
    if (on) this.#timers.set(user, setTimeout(() => this.hear(user, false), LAPSES_MS));
    else this.#timers.delete(user);
    this.changed([...this.#timers.keys()]);
  }
}
