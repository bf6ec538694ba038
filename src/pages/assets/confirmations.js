// Owns: telling the hub what this page received (`delivered`) and what its person saw (`read`), gathered for a
// moment so that a burst costs one frame. Everything received is confirmed, whatever page is open: the hub
// pushes no further than its window of unconfirmed entries. Marks only grow, so repeating one is harmless.

const GATHER_MS = 120;

export class Confirmations extends EventTarget {
  #connection;
  #clock;
  #marks = { delivered: new Map(), read: new Map() };
  #told = { delivered: new Map(), read: new Map() };
  #timer = null;

  constructor(connection, clock = globalThis) {
    super();
    this.#connection = connection;
    this.#clock = clock;
    connection.addEventListener('entry', ({ detail }) => this.delivered(detail.thread, detail.seq));
    connection.addEventListener('epoch', () => this.#forget());
    connection.addEventListener('state', () => connection.online && this.#again());
  }

  delivered(thread, seq) {
    this.#grow('delivered', thread, seq);
  }

  read(thread, seq) {
    this.#grow('read', thread, seq);
  }

  #grow(kind, thread, seq) {
    if (seq <= (this.#marks[kind].get(thread) ?? 0)) return;
    this.#marks[kind].set(thread, seq);
    this.#timer ??= this.#clock.setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush() {
    this.#timer = null;
    for (const kind of ['delivered', 'read']) {
      for (const [thread, seq] of this.#marks[kind]) {
        if (seq <= (this.#told[kind].get(thread) ?? 0)) continue;
        if (!this.#connection.send({ type: kind, thread, seq })) return;
        this.#told[kind].set(thread, seq);
        // The hub tells everybody but this page.
        this.dispatchEvent(new CustomEvent(kind, { detail: { thread, seq } }));
      }
    }
  }

  /** Nothing answers a confirmation, so one told just before a break may be lost: say the latest again. */
  #again() {
    this.#told = { delivered: new Map(), read: new Map() };
    this.#flush();
  }

  #forget() {
    this.#marks = { delivered: new Map(), read: new Map() };
    this.#told = { delivered: new Map(), read: new Map() };
  }
}
