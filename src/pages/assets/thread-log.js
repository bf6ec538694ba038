// Owns: the entries of one thread that this page holds, without a gap, in order. Pure: no DOM, no network.
// It never guesses: an entry that does not follow the last one is refused as a gap, for the caller to read.

export class ThreadLog {
  entries = [];
  /** Whether there are entries before the first one held. */
  more = false;

  get first() {
    return this.entries[0]?.seq ?? 0;
  }

  get last() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  find(id) {
    return this.entries.find((entry) => entry.id === id) ?? null;
  }

  /** `added`, `known` (held already) or `gap` (something before it is missing; it is not kept). */
  append(entry) {
    if (entry.seq <= this.last) return 'known';
    if (entry.seq !== this.last + 1) return 'gap';
    this.entries.push(entry);
    return 'added';
  }

  /** Starts from a page of the newest entries. */
  start(entries, more) {
    this.entries = [...entries];
    this.more = more;
  }

  /** Puts an older page before what is held; gives those that were new. */
  prepend(entries, more) {
    const older = entries.filter(({ seq }) => this.first === 0 || seq < this.first);
    this.entries = [...older, ...this.entries];
    this.more = more;
    return older;
  }

  /** Corrections and retractions of an entry, oldest first. */
  changesOf(id) {
    return this.entries.filter(({ kind, replyTo }) => replyTo === id && (kind === 'correction' || kind === 'retraction'));
  }
}

/** How far each participant is: high-water marks that only grow. */
export class Marks {
  #marks = new Map();

  set({ user, delivered = 0, read = 0 }) {
    const before = this.of(user);
    const after = { delivered: Math.max(before.delivered, delivered, read), read: Math.max(before.read, read) };
    this.#marks.set(user, after);
    return after.delivered !== before.delivered || after.read !== before.read;
  }

  of(user) {
    return this.#marks.get(user) ?? { delivered: 0, read: 0 };
  }

  /** `read`, `delivered` or `sent`: how far an entry has come with any of `readers`. */
  stateOf(seq, readers) {
    const marks = readers.map((reader) => this.of(reader));
    if (marks.some(({ read }) => read >= seq)) return 'read';
    return marks.some(({ delivered }) => delivered >= seq) ? 'delivered' : 'sent';
  }
}
