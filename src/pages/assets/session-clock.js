// Owns: knowing when the session will end, so that nobody is signed out without a word. It asks the hub, seldom and
// without counting as activity; `change` says that `ending` became `idle` (nothing was done), `limit` (nothing
// helps) or null.

import { api } from './api.js';

const WARN_MS = 90_000;
const LOOK_AGAIN_MS = 10_000;
const UNKNOWN_MS = 60_000;

export class SessionClock extends EventTarget {
  ending = null;
  #connection;
  #timer = null;

  constructor(connection) {
    super();
    this.#connection = connection;
  }

  async look() {
    clearTimeout(this.#timer);
    const left = await this.#left();
    this.#become(left && left.milliseconds <= WARN_MS ? left.because : null);
    const wait = this.ending ? LOOK_AGAIN_MS : left ? Math.max(left.milliseconds - WARN_MS, LOOK_AGAIN_MS) : UNKNOWN_MS;
    this.#timer = setTimeout(() => this.look(), wait);
  }

  async #left() {
    const { session } = await api('GET', 'auth/me').catch(() => ({ session: null }));
    if (!session) return null;
    const until = (at) => (at ? Date.parse(at) - this.#connection.hubNow() : Infinity);
    const [idle, limit] = [until(session.idleExpiresAt), until(session.expiresAt)];
    return idle < limit ? { milliseconds: idle, because: 'idle' } : { milliseconds: limit, because: 'limit' };
  }

  #become(ending) {
    if (this.ending === ending) return;
    this.ending = ending;
    this.dispatchEvent(new Event('change'));
  }
}
