// Owns: the summaries a list shows, kept live from `thread`, `entry` and `receipt` frames. Pure: no DOM, no
// network. What it cannot know for sure (a thread it never saw, exact unread counts) it reports as `stale`,
// for the list to read anew; it never invents a thread.

const PREVIEW = 120;

export class ThreadStore {
  #threads = new Map();
  /** How far this page knows that its person has read: a list read at the same moment may not know it yet. */
  #read = new Map();
  #me;

  constructor(me) {
    this.#me = me;
  }

  /** Replaces everything by a page just read. */
  start(items) {
    const newer = items.map((item) => this.#asRead(item));
    this.#threads = new Map(newer.map((item) => [item.id, item]));
    return { stale: newer.some((item, at) => item !== items[at]) };
  }

  add(items) {
    for (const item of items) this.#threads.set(item.id, this.#asRead(item));
  }

  find(id) {
    return this.#threads.get(id) ?? null;
  }

  /** Newest activity first. */
  list() {
    return [...this.#threads.values()].sort((one, other) => Date.parse(other.lastEntryAt ?? 0) - Date.parse(one.lastEntryAt ?? 0));
  }

  /** A whole summary arrived. `fits` says whether the list's filter shows it. */
  summary(frame, fits) {
    const { type, ref, ...summary } = frame;
    const known = this.find(summary.id);
    if (!fits(summary)) this.#threads.delete(summary.id);
    else this.#threads.set(summary.id, this.#asRead({ ...known, ...summary, lastEntry: summary.lastEntry ?? known?.lastEntry ?? null }));
    return { stale: true };
  }

  /** An entry was pushed or sent here. */
  entry(entry) {
    const known = this.find(entry.thread);
    if (!known) return { stale: true };
    if (entry.seq <= known.head) return { stale: false };
    const placeholder = entry.kind === 'notice' && !entry.body;
    const mine = entry.from?.id === this.#me.id;
    this.#threads.set(known.id, {
      ...known,
      head: entry.seq,
      lastEntryAt: placeholder ? known.lastEntryAt : entry.at,
      unread: known.unread + (mine || placeholder ? 0 : 1),
      lastEntry: placeholder ? known.lastEntry : { kind: entry.kind, from: entry.from, preview: start(entry.body), at: entry.at },
    });
    // Only the hub knows whether the thread still has its place under this filter (urgent, unread).
    return { stale: !mine };
  }

  /** One's own mark moved, here or on another device. */
  receipt({ thread, user, read }) {
    if (user !== this.#me.id) return { stale: false };
    this.#read.set(thread, Math.max(read, this.#read.get(thread) ?? 0));
    const known = this.find(thread);
    if (!known || !(read > known.read)) return { stale: false };
    this.#threads.set(thread, this.#asRead(known));
    return { stale: true };
  }

  /** The store went back to an earlier state: numbers known here may name other entries now. */
  forget() {
    this.#read.clear();
  }

  /** The same summary where nothing newer is known. */
  #asRead(summary) {
    const read = this.#read.get(summary.id) ?? 0;
    return read > summary.read ? { ...summary, read, unread: read >= summary.head ? 0 : summary.unread } : summary;
  }
}

/** Whether a clinician's filter shows a thread. */
export function fits(filter, me) {
  const open = (thread) => thread.status === 'open';
  const rules = {
    mine: (thread) => open(thread) && thread.assignee?.id === me.id,
    unassigned: (thread) => open(thread) && !thread.assignee,
    unread: (thread) => thread.unread > 0,
    urgent: (thread) => open(thread) && thread.priority !== 'normal',
    closed: (thread) => thread.status === 'closed',
    all: () => true,
  };
  return rules[filter] ?? rules.all;
}

const start = (text) => (text.length > PREVIEW ? `${text.slice(0, PREVIEW - 1)}…` : text);
