// Owns: the state of the connection in words, for eyes and screen readers, and the warning before a time-out.
// While all is well it says nothing.

import { api } from './api.js';
import { button, h } from './dom.js';
import { either, reason as said } from './either.js';
import { connection, paths, sessionClock } from './page.js';

/** A break shorter than this is not worth a word. */
const QUIET_MS = 800;

class StatusBanner extends HTMLElement {
  #words = h('span');
  #action = button('', { kind: 'small' });
  #timer = null;
  #troubled = false;

  connectedCallback() {
    this.setAttribute('role', 'status');
    this.hidden = true;
    this.append(h('div', { class: 'banner' }, this.#words, this.#action));
    connection.addEventListener('state', () => this.#connectionChanged());
    connection.addEventListener('authExpiring', () => sessionClock.look());
    connection.addEventListener('welcome', () => sessionClock.look(), { once: true });
    sessionClock.addEventListener('change', () => this.#ending());
  }

  #connectionChanged() {
    if (connection.online) return this.#recovered();
    if (this.#troubled) return this.#tell();
    this.#timer ??= setTimeout(() => this.#tell(), QUIET_MS);
  }

  #recovered() {
    this.#calm();
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#say(either('Connected again. Everything is up to date.', 'Conectado de nuevo. Todo está al día.'), 'good');
    this.#timer = setTimeout(() => { this.#calm(); this.hidden = true; }, 3_000);
  }

  #calm() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Said once for a whole break: each try read aloud would drown everything else. */
  #tell() {
    this.#calm();
    const { state, reason } = connection;
    if (state === 'refused') return this.#say(said({ message: reason }), 'bad', either('Reload', 'Volver a cargar'), () => location.reload());
    if (state === 'idle' || state === 'ended' || connection.online) return;
    this.#troubled = true;
    this.#say(reason ? said({ message: reason }) : either('No connection. Trying again by itself; what you write is kept.', 'Sin conexión. Se intenta de nuevo por sí solo; lo que escribe se conserva.'), '', either('Try now', 'Intentar ahora'), () => connection.wake());
  }

  #ending() {
    const { ending } = sessionClock;
    if (!ending) return (this.hidden = !this.#troubled);
    if (ending === 'limit') return this.#say(either('You will be signed out in about a minute: a sign-in lasts only so long, however busy you are. What you write is kept.', 'Su sesión se cerrará en un minuto, más o menos: una sesión dura solo cierto tiempo, aunque la esté usando. Lo que escribe se conserva.'));
    this.#say(either('You will be signed out in about a minute, because nothing was done here for a while.', 'Su sesión se cerrará en un minuto, más o menos, porque no se ha hecho nada aquí en un rato.'), '', either('Stay signed in', 'Seguir conectado'), async () => {
      // Any call that a person makes will do.
      await api('GET', `${paths.list}?limit=1`).catch(() => {});
      sessionClock.look();
    });
  }

  #say(words, kind = '', action = null, act = null) {
    this.hidden = false;
    this.dataset.kind = kind;
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#action.hidden = !action;
    this.#action.textContent = action ?? '';
    this.#action.onclick = act;
  }
}

customElements.define('care-status', StatusBanner);
