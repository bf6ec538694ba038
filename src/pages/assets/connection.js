// Owns: one WebSocket to the hub and its life: connect, resume, heartbeat, back-off.
// It never decides what a frame means to the page, and never holds a message: frames that arrive become
// events named by their type; a frame sent while there is no connection is refused (false), not kept.

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const WELCOME_WITHIN_MS = 10_000;
const PONG_WITHIN_MS = 8_000;
/** A connection that lived this long has shown that the hub is well: the back-off starts anew. */
const STEADY_AFTER_MS = 10_000;

const OPEN = 1;
const CLOSE = { restarting: 1012, signIn: 4401, notYours: 4403, tooMany: 4429 };

export class Connection extends EventTarget {
  /** thread -> () => last seq held here; told to the hub after each connect, so that it sends the rest. */
  have = new Map();
  /** `idle`, `connecting`, `online`, `waiting`, `ended` (sign in), `refused`. */
  state = 'idle';
  retryAt = null;
  reason = null;

  #url;
  #open;
  #clock;
  #random;
  #stillSignedIn;
  #socket = null;
  #timers = new Map();
  #attempt = 0;
  #heartbeatMs = 25_000;
  /** How far this device's clock is behind the hub's. */
  #behindMs = 0;
  #cursor = null;
  #epoch = null;

  constructor({ url, open, clock = globalThis, random = Math.random, stillSignedIn = async () => true }) {
    super();
    this.#url = url;
    this.#open = open ?? ((address) => new WebSocket(address, 'carehub.v1'));
    this.#clock = clock;
    this.#random = random;
    this.#stillSignedIn = stillSignedIn;
  }

  get online() {
    return this.state === 'online';
  }

  start() {
    if (this.#socket) return;
    this.#cancel('retry');
    this.#become('connecting');
    const socket = this.#open(this.#url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#socket === socket && this.#lost(code);
    this.#after('welcome', WELCOME_WITHIN_MS, () => this.restart());
  }

  stop() {
    this.#drop();
    this.#become('idle');
  }

  /** Gives the present socket up and comes back at once; used when an answer is overdue. */
  restart() {
    this.#drop();
    this.#lost(1006);
  }

  /** The device woke up or got its network back: do not wait for the back-off, do not trust a sleeping socket. */
  wake() {
    if (this.state === 'waiting') this.start();
    else if (this.online) this.#probe();
  }

  /** The time as the hub has it. */
  hubNow() {
    return Date.now() + this.#behindMs;
  }

  send(frame) {
    if (!this.online || this.#socket?.readyState !== OPEN) return false;
    this.#write(frame);
    return true;
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #receive(frame) {
    this.#cancel('pong');
    this.#after('silence', this.#heartbeatMs, () => this.#probe());
    if (frame.type === 'welcome') this.#welcomed(frame);
    if (frame.type === 'synced') this.#synced(frame);
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  #welcomed(welcome) {
    this.#cancel('welcome');
    this.#heartbeatMs = welcome.heartbeatSeconds * 1000;
    if (welcome.serverTime) this.#behindMs = Date.parse(welcome.serverTime) - Date.now();
    if (this.#epoch !== null && this.#epoch !== welcome.epoch) {
      // The store went back to an earlier state: sequence numbers known here may name other entries now.
      this.#cursor = null;
      this.dispatchEvent(new CustomEvent('epoch', { detail: welcome }));
    }
    this.#epoch = welcome.epoch;
    const have = Object.fromEntries([...this.have].map(([thread, last]) => [thread, last()]).filter(([, seq]) => seq > 0));
    this.#write({ type: 'sync', cursor: this.#cursor, have });
  }

  #synced({ cursor }) {
    this.#cursor = cursor;
    this.#after('steady', STEADY_AFTER_MS, () => { this.#attempt = 0; });
    this.#become('online');
  }

  #probe() {
    if (this.#socket?.readyState !== OPEN || this.#timers.has('pong')) return;
    this.#write({ type: 'ping' });
    this.#after('pong', PONG_WITHIN_MS, () => this.restart());
  }

  async #lost(code) {
    const opened = this.state === 'online';
    this.#drop();
    if (code === CLOSE.signIn) return this.#become('ended');
    if (code === CLOSE.notYours) return this.#become('refused', 'This window belongs to another sign-in. Reload it to go on.');
    this.#wait(code);
    // A browser does not say why an upgrade was refused; ask, lest a signed-out page knocks for ever.
    if (!opened && !(await this.#stillSignedIn()) && this.state === 'waiting') {
      this.#drop();
      this.#become('ended');
    }
  }

  #wait(code) {
    const reason = code === CLOSE.tooMany ? 'Carehub is open in too many windows. Close some of them.' : null;
    const delay = this.#delay(code);
    this.retryAt = Date.now() + delay;
    this.#become('waiting', reason);
    this.#after('retry', delay, () => this.start());
  }

  #delay(code) {
    if (code === CLOSE.restarting) return this.#random() * 5_000;
    if (code === CLOSE.tooMany) return LONGEST_DELAY_MS;
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt++);
    return ceiling / 2 + (this.#random() * ceiling) / 2;
  }

  #become(state, reason = null) {
    this.state = state;
    this.reason = reason;
    if (state !== 'waiting') this.retryAt = null;
    this.dispatchEvent(new Event('state'));
  }

  #drop() {
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #after(name, delay, run) {
    this.#cancel(name);
    this.#timers.set(name, this.#clock.setTimeout(() => { this.#timers.delete(name); run(); }, delay));
  }

  #cancel(name) {
    this.#clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
