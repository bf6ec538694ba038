// Owns: the sound of an unanswered emergency. It rings until it is told to stop, in one window of a browser at a time.
// Browsers forbid sound before somebody touched the page: `blocked` says so, and `allow` is for a press of a button.
// It never decides whether there is reason to ring.

const AGAIN_MS = 6_000;
/** Two rising notes, three times: unlike any telephone. */
const NOTES = [[660, 0], [880, 0.18], [660, 0.5], [880, 0.68], [660, 1], [880, 1.18]];
const LOUDNESS = 0.25;

export class AlarmSound extends EventTarget {
  #context = null;
  #timer = null;
  #ringing = false;

  constructor() {
    super();
    // Any touch of the page will do; a finger counts when it is lifted.
    for (const deed of ['pointerup', 'keydown', 'click']) {
      addEventListener(deed, () => this.blocked && this.allow(), { capture: true, passive: true });
    }
  }

  /** Whether it should ring, and the browser does not let it. */
  get blocked() {
    return this.#ringing && this.#context?.state !== 'running';
  }

  ring(on) {
    if (this.#ringing === on) return;
    this.#ringing = on;
    clearInterval(this.#timer);
    if (!on) return this.#changed();
    this.#prepare();
    this.#play();
    this.#timer = setInterval(() => this.#play(), AGAIN_MS);
    this.#changed();
  }

  /** Called from a press: the only moment at which browsers allow sound. */
  async allow() {
    this.#prepare();
    await this.#context?.resume().catch(() => {});
    if (this.#ringing) this.#play();
    this.#changed();
  }

  /** One that is made before the page was touched is held back, and browsers complain of it. */
  #prepare() {
    if (this.#context || !globalThis.AudioContext || navigator.userActivation?.hasBeenActive === false) return;
    this.#context = new AudioContext();
    this.#context.addEventListener('statechange', () => this.#changed());
  }

  #play() {
    if (this.#context?.state !== 'running') return this.#changed();
    // Ten open windows ring as one; only one that can be heard may be that one.
    if (!navigator.locks) return this.#notes();
    navigator.locks.request('care-alarm-sound', { ifAvailable: true }, (lock) => lock && this.#notes()).catch(() => {});
  }

  #notes() {
    const { currentTime, destination } = this.#context;
    for (const [frequency, after] of NOTES) {
      const tone = this.#context.createOscillator();
      const volume = this.#context.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(LOUDNESS, currentTime + after);
      volume.gain.exponentialRampToValueAtTime(0.001, currentTime + after + 0.16);
      tone.connect(volume).connect(destination);
      tone.start(currentTime + after);
      tone.stop(currentTime + after + 0.17);
    }
    return new Promise((done) => setTimeout(done, 1_500));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
