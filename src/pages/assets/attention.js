// Owns: whether somebody is looking. A page that is open and in front may still be alone: only then does what
// arrives count as read, and only what people do keeps their session alive. Never tells anybody outside.

const PRESENT_MS = 90_000;
const DEEDS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'];

export class Attention extends EventTarget {
  #last = Date.now();

  constructor() {
    super();
    for (const deed of DEEDS) addEventListener(deed, () => this.#noticed(), { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => this.here && this.#back());
  }

  get here() {
    return document.visibilityState === 'visible' && document.hasFocus() && Date.now() - this.#last < PRESENT_MS;
  }

  #noticed() {
    const wasHere = this.here;
    this.#last = Date.now();
    if (!wasHere) this.#back();
  }

  #back() {
    this.dispatchEvent(new Event('back'));
  }
}
