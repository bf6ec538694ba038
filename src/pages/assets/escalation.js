// Owns: one emergency on a page: where it stands, who was called when and how, what can be done. It reads everything
// anew after each change; what may be done by whom is the hub's to say.

import { acknowledge } from './acknowledge.js';
import { api } from './api.js';
import { button, fill, h, icon } from './dom.js';
import { handOver, resolve, skip } from './escalation-acts.js';
import { causeWords, CHANNELS, progress, STATES, subject } from './escalation-words.js';
import { isUnanswered } from './escalation-store.js';
import { connection, me, paths } from './page.js';
import { instant } from './records.js';

const AGAIN_MS = 300;
const PAGE_STATES = {
  queued: 'on its way', sent: 'sent', delivered: 'delivered', shown: 'shown in Carehub', undelivered: 'not delivered', cancelled: 'called off',
};

class Escalation extends HTMLElement {
  #id = this.getAttribute('escalation');
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));
  #said = h('p', { class: 'done', role: 'status' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #timer = null;
  #drawn = null;

  connectedCallback() {
    this.append(this.#place, this.#said, this.#failure);
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#read(), AGAIN_MS);
    };
    connection.addEventListener('escalation', ({ detail }) => detail.id === this.#id && later());
    connection.addEventListener('synced', later);
    document.addEventListener('care:escalations', later);
    this.#read();
  }

  async #read() {
    try {
      const answer = await api('GET', `ehr/escalations/${this.#id}`, { automatic: this.#drawn !== null });
      this.#draw(answer.escalation ?? answer);
    } catch (problem) {
      const gone = problem.code === 'notFound';
      this.#drawn = null;
      fill(this.#place, h('p', { role: 'alert' }, gone ? 'This emergency does not exist, or is not yours to see.' : problem.message),
        gone ? h('a', { class: 'button', href: '/ehr/escalations' }, 'All emergencies') : button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw(one) {
    const now = JSON.stringify(one);
    if (this.#drawn === now) return;
    this.#drawn = now;
    // A drill says so wherever it is read.
    if (one.drill) document.querySelector('h1').textContent = 'Drill';
    const focused = document.activeElement?.closest('[data-act]')?.dataset.act;
    fill(this.#place,
      h('section', { class: 'card', 'aria-labelledby': 'standing' },
        h('h2', { id: 'standing' }, one.drill && h('span', { class: 'tag' }, 'Drill'), ' ', STATES[one.state] ?? one.state),
        one.drill && h('p', { class: 'warning' }, 'This is a drill. Nobody is in danger; everything else happens as in an emergency.'),
        h('p', {}, h('strong', {}, subject(one)), ' ', one.state === 'resolved' ? '' : progress(one, me)),
        h('p', { class: 'hint' }, causeWords(one) ?? '', one.instruments?.length > 0 && ` It was the ${one.instruments.map((id) => id.toUpperCase()).join(' and the ')}.`, ' Raised ', instant(one.raisedAt), '.'),
        one.finding && h('p', { class: 'hint' }, one.finding.words),
        one.cause === 'assessment' && one.client && h('p', {}, h('a', { href: `/ehr/clients/${one.client.id}/assessments` }, 'What was answered')),
        one.state === 'exhausted' && h('p', { class: 'warning' }, icon('alert'), ' Nobody has answered. The client was told whom to call. Take it, and call them.'),
        one.state === 'resolved' && h('p', {}, 'Closed ', instant(one.resolvedAt), one.resolvedBy ? ` by ${one.resolvedBy.name}` : '', '.'),
        one.emergencies > 1 && h('p', {}, `${one.emergencies} messages of the client belong to it.`),
        one.note && h('p', {}, 'What was done: ', h('q', { dir: 'auto' }, one.note)),
        this.#acts(one)),
      h('section', { class: 'card', 'aria-labelledby': 'timeline' },
        h('h2', { id: 'timeline' }, 'Who was called'), this.#timeline(one)));
    if (focused) this.#place.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  #acts(one) {
    if (one.state === 'resolved') return one.client && one.thread && h('div', {}, h('a', { class: 'button', href: paths.page(one.thread) }, 'To the conversation'));
    const mine = one.acknowledgedBy?.id === me.id;
    const act = (name, words, run, kind = '') => button(words, { kind, 'data-act': name, onclick: () => this.#run(run) });
    return h('div', { class: 'button-row' },
      !mine && act('take', one.state === 'acknowledged' ? 'Take it over' : 'I have it', () => this.#take(one), isUnanswered(one) ? 'primary' : ''),
      one.client && one.thread && h('a', { class: 'button', href: paths.page(one.thread) }, 'Conversation'),
      act('hand', 'Hand over', () => handOver(one)),
      ['raised', 'paging'].includes(one.state) && act('skip', 'Call the next now', () => skip(one)),
      act('close', 'Close', () => resolve(one), mine ? 'primary' : ''));
  }

  async #take(one) {
    const { by } = await acknowledge(one);
    this.#said.textContent = by ? `${by} has it already.` : 'You have it. Everybody else was told.';
    return true;
  }

  async #run(act) {
    this.#failure.hidden = true;
    this.#said.textContent = '';
    try {
      if (!await act()) return;
      await this.#read();
      document.dispatchEvent(new CustomEvent('care:escalations'));
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
  }

  #timeline({ state, pages }) {
    if (pages.length === 0) {
      return h('p', { class: state === 'exhausted' ? 'warning' : 'hint' }, state === 'exhausted'
        ? 'Nobody was called: nobody of the policy can be reached outside of Carehub.'
        : 'Nobody was called yet.');
    }
    return h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': 'Everybody who was called' },
      h('table', { class: 'calls' },
        h('thead', {}, h('tr', {}, ...['When', 'Who', 'How', 'Step', 'What became of it'].map((words) => h('th', { scope: 'col' }, words)))),
        h('tbody', {}, ...pages.map((page) => h('tr', {},
          h('td', {}, instant(page.at)),
          h('th', { scope: 'row' }, h('bdi', {}, page.user.name)),
          h('td', {}, CHANNELS[page.channel] ?? page.channel),
          h('td', { 'data-before': 'Step ' }, `${page.step + 1}${page.round > 0 ? `, round ${page.round + 1}` : ''}`),
          h('td', {}, PAGE_STATES[page.state] ?? page.state, page.seenAt && [', seen ', instant(page.seenAt)]))))));
  }
}

customElements.define('care-escalation', Escalation);
