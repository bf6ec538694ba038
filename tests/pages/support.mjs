// Stand-ins at the edges of the page's scripts: a clock that is turned by hand and a hub at the other end of a socket.

import { webcrypto } from 'node:crypto';

// Older Node releases lack what every browser has.
globalThis.crypto ??= webcrypto;
globalThis.CustomEvent ??= class CustomEvent extends Event {
  constructor(type, { detail } = {}) {
    super(type);
    this.detail = detail;
  }
};

/** Timers that run when the test says so. */
export class HandClock {
  #now = 0;
  #timers = [];
  #next = 1;

  setTimeout = (run, delay = 0) => {
    const timer = { id: this.#next++, at: this.#now + delay, run };
    this.#timers.push(timer);
    return timer.id;
  };

  clearTimeout = (id) => {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
  };

  /** Lets time pass; whatever is due runs in order, and what it promised settles before the next. */
  async pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const due = this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at || one.id - other.id)[0];
      if (!due) break;
      this.clearTimeout(due.id);
      this.#now = due.at;
      due.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise that can settle do so. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** The page's side of a socket; the test plays the hub. */
export class FakeSocket {
  readyState = 1;
  sent = [];

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  says(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  breaks(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }

  /** Greets the page as the hub does, and answers its `sync`. */
  welcomes({ epoch = 'first', cursor = 'c1' } = {}) {
    this.says({ type: 'welcome', epoch, heartbeatSeconds: 25 });
    this.says({ type: 'synced', cursor, threads: [] });
  }

  of(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** Sockets in the order in which a connection opened them. */
export function sockets() {
  const all = [];
  const open = () => {
    const socket = new FakeSocket();
    all.push(socket);
    return socket;
  };
  return { all, open, last: () => all.at(-1) };
}
