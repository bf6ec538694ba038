// Owns: what every page of the practice shows while an emergency is open: who needs somebody, how far the calling is,
// a press to take it, and the sound. It stays until the hub says that it is over; a page without a connection says
// that it may not know all. It decides nothing.

import { acknowledge } from './acknowledge.js';
import { api } from './api.js';
import { cue } from './alarm-cue.js';
import { AlarmSound } from './alarm-sound.js';
import { button, fill, h, icon } from './dom.js';
import { escalationPage, progress, subject } from './escalation-words.js';
import { EscalationStore, isUnanswered } from './escalation-store.js';
import { connection, me, paths } from './page.js';

const REREAD_MS = 400;
/** Frames tell of every change; this is for one that got lost. */
const LOOK_AGAIN_MS = 60_000;
/** More would cover the page. */
const SHOWN = 3;

class AlarmBanner extends HTMLElement {
  #store = new EscalationStore();
  #sound = new AlarmSound();
  /** Emergencies whose sound this person has turned off here. */
  #silenced = new Set();
  #alarms = [];
  #nodes = new Map();
  #timer = null;
  #failed = false;
  #taking = new Set();
  #list = h('ul', { class: 'alarms' });
  #rest = h('p', { class: 'alarm-rest', hidden: true });
  #doubt = h('p', { class: 'alarm-rest', hidden: true }, 'No connection: emergencies that were raised since are not shown here.');
  #soundLine = h('p', { class: 'alarm-sound', hidden: true });
  #said = h('p', { class: 'alarm-said', role: 'status' });
  #announcer = h('p', { class: 'visually-hidden', role: 'alert' });

  connectedCallback() {
    this.hidden = true;
    this.append(h('section', { class: 'alarm', 'aria-label': 'Emergencies' }, this.#list, this.#rest, this.#doubt, this.#soundLine, this.#said), this.#announcer);
    connection.addEventListener('escalation', ({ detail }) => {
      if (this.#store.frame(detail).stale) this.#later();
      this.#draw();
    });
    connection.addEventListener('synced', () => this.#read());
    connection.addEventListener('state', () => this.#draw());
    this.#sound.addEventListener('change', () => this.#drawSound());
    addEventListener('focus', () => this.#later());
    document.addEventListener('care:escalations', () => this.#read());
    this.#read();
  }

  #later(delay = REREAD_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), delay);
  }

  async #read() {
    clearTimeout(this.#timer);
    try {
      const { items, alarms = [] } = await api('GET', 'ehr/escalations?state=open', { automatic: true });
      this.#store.start(items);
      this.#alarms = alarms;
      this.#failed = false;
    } catch (problem) {
      this.#failed = problem.status !== 401 && problem.status !== 403;
    }
    this.#draw();
    this.#later(this.#failed ? 5_000 : LOOK_AGAIN_MS);
  }

  #draw() {
    const open = this.#store.list();
    const shown = open.filter((one, at) => at < SHOWN || this.#taking.has(one.id));
    this.#drawList(shown);
    const rest = open.length - shown.length;
    this.#rest.hidden = rest <= 0;
    if (rest > 0) fill(this.#rest, h('a', { href: '/ehr/escalations' }, `${rest} more ${rest === 1 ? 'emergency is' : 'emergencies are'} open`));
    const doubtful = open.length > 0 && (!connection.online || this.#failed);
    this.#doubt.hidden = !doubtful;
    this.hidden = open.length === 0 && this.#alarms.length === 0 && !this.#said.textContent;
    this.dataset.kind = this.#store.unanswered.some(({ drill }) => !drill) ? 'bad' : open.some(isUnanswered) ? 'drill' : 'calm';
    this.#alert();
  }

  /** Nodes stay while their emergency does: a button that is replaced under a finger takes nothing. */
  #drawList(open) {
    const alarms = this.#alarms.map((alarm) => h('li', { class: 'alarm-line' }, h('p', { class: 'alarm-words' }, icon('alert'), alarm.words ?? alarm.detail, alarm.href && [' ', h('a', { href: alarm.href }, 'Look')])));
    const nodes = open.map((one) => {
      const known = this.#nodes.get(one.id);
      const words = `${subject(one)} ${progress(one, me)}`;
      const key = JSON.stringify([words, one.state, this.#taking.has(one.id)]);
      if (known?.key === key) return known.node;
      const node = known?.node ?? this.#line(one);
      node.querySelector('.alarm-words').replaceChildren(icon('alert'), h('span', {}, h('strong', {}, subject(one)), ' ', progress(one, me)));
      node.querySelector('[data-take]').hidden = !isUnanswered(one);
      node.querySelector('[data-take]').disabled = this.#taking.has(one.id);
      node.dataset.state = one.state;
      this.#nodes.set(one.id, { key, node });
      return node;
    });
    for (const id of this.#nodes.keys()) if (!open.some((one) => one.id === id)) this.#nodes.delete(id);
    const all = [...nodes, ...alarms];
    if (all.length !== this.#list.children.length || all.some((node, at) => this.#list.children[at] !== node)) this.#list.replaceChildren(...all);
  }

  #line(one) {
    return h('li', { class: 'alarm-line', 'data-id': one.id },
      h('p', { class: 'alarm-words' }),
      h('div', { class: 'button-row' },
        button('I have it', { kind: 'primary small', 'data-take': true, 'aria-label': `I have it: ${subject(one)}`, onclick: () => this.#take(one.id) }),
        one.client && one.thread && h('a', { class: 'button small', href: paths.page(one.thread) }, 'Conversation'),
        h('a', { class: 'button small', href: escalationPage(one.id) }, 'Details')));
  }

  async #take(id) {
    const one = this.#store.list().find((held) => held.id === id);
    if (!one || this.#taking.has(id)) return;
    this.#taking.add(id);
    this.#draw();
    try {
      const { by } = await acknowledge(one);
      this.#say(by ? `${by} has it already.` : 'You have it. Everybody else was told.');
    } catch (problem) {
      this.#say(`Not taken: ${problem.message}`);
    } finally {
      this.#taking.delete(id);
    }
    document.dispatchEvent(new CustomEvent('care:escalations'));
  }

  #say(words) {
    this.#said.textContent = words;
    setTimeout(() => {
      if (this.#said.textContent === words) this.#said.textContent = '';
      this.#draw();
    }, 8_000);
    this.#draw();
  }

  /** For ears, and for eyes that are elsewhere. */
  #alert() {
    const waiting = this.#store.unanswered;
    const first = waiting[0];
    const aloud = first ? `${subject(first)} ${progress(first, me)}` : '';
    if (this.#announcer.textContent !== aloud) this.#announcer.textContent = aloud;
    cue(first ? (first.drill ? 'DRILL · Carehub' : 'EMERGENCY · Carehub') : '');
    this.#sound.ring(waiting.some(({ id }) => !this.#silenced.has(id)));
    this.#drawSound();
  }

  #drawSound() {
    const waiting = this.#store.unanswered;
    const blocked = this.#sound.blocked;
    const ringing = waiting.some(({ id }) => !this.#silenced.has(id));
    const state = !ringing ? '' : blocked ? 'blocked' : 'ringing';
    if (this.#soundLine.dataset.state === state) return;
    this.#soundLine.dataset.state = state;
    this.#soundLine.hidden = !ringing;
    if (blocked) fill(this.#soundLine, 'The browser holds the alarm’s sound back. ', button('Turn the sound on', { kind: 'small', onclick: () => this.#sound.allow() }));
    else if (ringing) fill(this.#soundLine, button('Silence here', { kind: 'small', onclick: () => this.#silence() }));
  }

  #silence() {
    for (const { id } of this.#store.unanswered) this.#silenced.add(id);
    this.#alert();
  }
}

customElements.define('care-alarm', AlarmBanner);
