// Owns: what is known about people's presence on this page, from `presence` frames and REST answers.
// Online is not available: it says that somebody has Carehub open, and never more.

import { either } from './either.js';

const WORDS = either({ online: 'online', away: 'away', offline: 'offline' }, { online: 'en línea', away: 'ausente', offline: 'sin conexión' });

export class People extends EventTarget {
  #states = new Map();

  constructor(connection) {
    super();
    connection.addEventListener('presence', ({ detail }) => this.set(detail.user, detail.state));
    // While there is no connection nobody's state is known.
    connection.addEventListener('state', () => connection.state === 'waiting' && this.#forget());
  }

  set(user, state) {
    if (!state || this.#states.get(user) === state) return;
    this.#states.set(user, state);
    this.dispatchEvent(new Event('change'));
  }

  stateOf(user) {
    return this.#states.get(user) ?? null;
  }

  wordsFor(user) {
    return WORDS[this.stateOf(user)] ?? '';
  }

  #forget() {
    this.#states.clear();
    this.dispatchEvent(new Event('change'));
  }
}
