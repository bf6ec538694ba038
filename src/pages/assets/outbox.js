// Owns: sends on their way to the hub. In each thread one leaves at a time, in order, and is repeated with the
// same id after any break until the hub says `sent`; the hub keeps an id once, so nothing is doubled.
// It never gives up by itself, never changes a text, and keeps nothing beyond this page (the server's draft does).

const ANSWER_WITHIN_MS = 15_000;
const BUSY_FOR_MS = 2_000;
const PASSING = new Set(['rateLimited', 'busy', 'internal']);

/** The hub refused a send for a reason that repeating cannot cure. */
export class Refusal extends Error {
  constructor({ code, message, entries }) {
    super(message);
    this.code = code;
    this.entries = entries ?? null;
  }
}

export class Outbox extends EventTarget {
  #connection;
  #clock;
  #queues = new Map();

  constructor(connection, clock = globalThis) {
    super();
    this.#connection = connection;
    this.#clock = clock;
    connection.addEventListener('sent', ({ detail }) => this.#settle(detail.id, (item) => item.resolve(detail)));
    connection.addEventListener('error', ({ detail }) => detail.id && this.#refused(detail));
    connection.addEventListener('state', () => this.#connectionChanged());
  }

  /** Queues a send; resolves with the hub's `sent`, rejects with a Refusal. The same id joins the send under way. */
  send(message) {
    const known = this.#find(message.id);
    if (known) return known.promise;
    const item = { message, ...Promise.withResolvers?.() ?? deferred(), state: 'waiting', tries: 0, timer: null };
    this.#queue(message.thread).push(item);
    this.#pump(message.thread);
    return item.promise;
  }

  /** Takes a send back that never left this page. False: it may have arrived, so it can only be waited for. */
  withdraw(id) {
    const item = this.#find(id);
    if (!item || item.tries > 0) return false;
    this.#settle(id, ({ reject }) => reject(new Refusal({ code: 'withdrawn', message: 'Not sent.' })));
    return true;
  }

  /** `waiting` (for the connection, or its turn), `paused` (the hub asked to wait), `sending`; null when unknown. */
  stateOf(id) {
    return this.#find(id)?.state ?? null;
  }

  #pump(thread) {
    const [item] = this.#queue(thread);
    if (item?.state !== 'waiting') return;
    if (!this.#connection.send({ type: 'send', ...item.message })) return this.#changed();
    item.tries += 1;
    item.state = 'sending';
    // No answer at all means the connection is not what it seems: a fresh one repeats the send.
    this.#timer(item, ANSWER_WITHIN_MS, () => this.#connection.restart());
    this.#changed();
  }

  #refused(error) {
    const item = this.#find(error.id);
    if (!item) return;
    if (!PASSING.has(error.code)) return this.#settle(error.id, ({ reject }) => reject(new Refusal(error)));
    item.state = 'paused';
    this.#timer(item, error.retryAfterMs ?? BUSY_FOR_MS, () => {
      item.state = 'waiting';
      this.#pump(item.message.thread);
    });
    this.#changed();
  }

  #settle(id, how) {
    const item = this.#find(id);
    if (!item) return;
    const queue = this.#queue(item.message.thread);
    queue.splice(queue.indexOf(item), 1);
    this.#clock.clearTimeout(item.timer);
    how(item);
    this.#pump(item.message.thread);
    this.#changed();
  }

  #connectionChanged() {
    for (const [thread, [first]] of this.#queues) {
      if (this.#connection.online) this.#pump(thread);
      else if (first?.state === 'sending') {
        this.#clock.clearTimeout(first.timer);
        first.state = 'waiting';
      }
    }
    this.#changed();
  }

  #timer(item, delay, run) {
    this.#clock.clearTimeout(item.timer);
    item.timer = this.#clock.setTimeout(run, delay);
  }

  #queue(thread) {
    if (!this.#queues.has(thread)) this.#queues.set(thread, []);
    return this.#queues.get(thread);
  }

  #find(id) {
    for (const queue of this.#queues.values()) {
      const item = queue.find(({ message }) => message.id === id);
      if (item) return item;
    }
    return null;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
