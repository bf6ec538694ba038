// Owns: the emergencies that are open at a practice, kept live from `escalation` frames between two readings of the
// list. Pure: no DOM, no network. Whom an emergency is about is known from the list alone; a frame about one that is
// not held yet makes it `stale`, for the page to read anew. It never drops one that the hub did not call over.

const RANK = { exhausted: 0, raised: 1, paging: 1, acknowledged: 2 };

/** Whether somebody still has to take it. */
export const isUnanswered = ({ state }) => state in RANK && state !== 'acknowledged';

export class EscalationStore {
  #held = new Map();
  /** What frames said of emergencies that the list has not told of yet. */
  #early = new Map();

  /** Replaces everything by a list just read. */
  start(items) {
    this.#held = new Map(items.filter(({ state }) => state in RANK).map((item) => [item.id, item]));
    this.#early.clear();
  }

  /** A frame arrived. `stale`: the list has to be read to know all. */
  frame({ type, ref, exhausted, ...told }) {
    // A frame has no word of its own for the last resort.
    const frame = exhausted ? { ...told, state: 'exhausted' } : told;
    if (!(frame.state in RANK)) {
      this.#held.delete(frame.id);
      this.#early.delete(frame.id);
      return { stale: false };
    }
    const known = this.#held.get(frame.id);
    if (known) this.#held.set(frame.id, { ...known, ...frame });
    else this.#early.set(frame.id, frame);
    return { stale: true };
  }

  /** Unanswered ones first, the gravest and oldest at the top; drills after what is real. */
  list() {
    return [...this.#held.values(), ...[...this.#early.values()].filter(({ id }) => !this.#held.has(id))]
      .sort((one, other) => Number(Boolean(one.drill)) - Number(Boolean(other.drill))
        || RANK[one.state] - RANK[other.state] || Date.parse(one.raisedAt) - Date.parse(other.raisedAt));
  }

  get unanswered() {
    return this.list().filter(isUnanswered);
  }
}
