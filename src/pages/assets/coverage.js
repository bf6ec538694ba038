// Owns: the next 30 days of the rota as words: each hole by name and length first, then who is on call when. Colour
// only underlines what the words say.

import { api } from './api.js';
import { button, fill, h, icon } from './dom.js';
import { instantIn, isElsewhere, LAYERS, zoned } from './rota-words.js';

const DAYS = 30;

class Coverage extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));

  connectedCallback() {
    this.append(this.#place);
    document.addEventListener('care:rota', () => this.#read());
    this.#read();
  }

  async #read() {
    try {
      this.#draw(await api('GET', 'ehr/on-call/coverage?days=30', { automatic: true }));
    } catch (problem) {
      fill(this.#place, h('p', {}, problem.message), button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw({ timeZone, layers }) {
    const words = zoned(timeZone);
    const holes = layers.flatMap(({ layer, spans }) => spans.filter(({ people }) => people.length === 0).map((span) => ({ layer, ...span })));
    const spanWords = ({ from, until }) => `${words.short(from)} to ${words.key(from) === words.key(until) ? words.clock(until) : words.short(until)}`;
    fill(this.#place,
      h('p', { class: 'hint' }, `All times as clocks at the practice show them (${timeZone})${isElsewhere(timeZone) ? ', not as here' : ''}.`),
      holes.length === 0
        ? h('p', { class: 'done' }, 'Somebody is on call at every moment of the next 30 days.')
        : h('div', { class: 'warning' },
          h('p', {}, icon('alert'), ` ${holes.length === 1 ? 'One hole' : `${holes.length} holes`}: nobody is on call then.`),
          h('ul', { class: 'steps' }, ...holes.slice(0, 50).map((hole) => h('li', {}, `${LAYERS[hole.layer] ?? hole.layer}: nobody, ${spanWords(hole)}${why(hole)}`)))),
      h('details', { 'aria-label': 'Day by day' }, h('summary', {}, 'Day by day'), this.#days(layers, words, timeZone)));
  }

  /** Each day by the practice's calendar, with who is on call when within it. */
  #days(layers, words, timeZone) {
    const all = layers.flatMap(({ layer, spans }) => spans.map((span) => ({ layer, ...span })));
    const [from, until] = [Math.min(...all.map((span) => Date.parse(span.from))), Math.max(...all.map((span) => Date.parse(span.until)))];
    const days = [];
    for (let day = words.date(from); days.length < DAYS + 2; day = dayAfter(day)) {
      const [starts, ends] = [instantIn(timeZone, `${day}T00:00`), instantIn(timeZone, `${dayAfter(day)}T00:00`)].map(Date.parse);
      if (starts >= until) break;
      const lines = all.filter((span) => Date.parse(span.from) < ends && Date.parse(span.until) > starts)
        .map((span) => ({ ...span, whole: Date.parse(span.from) <= starts && Date.parse(span.until) >= ends, from: Math.max(Date.parse(span.from), starts), until: Math.min(Date.parse(span.until), ends) }));
      if (lines.length > 0) days.push({ at: lines[0].from, lines });
    }
    return h('ul', { class: 'days' }, ...days.map(({ at, lines }) => {
      const hole = lines.some(({ people }) => people.length === 0);
      return h('li', { class: hole ? 'hole' : null },
        h('h3', {}, words.day(at), hole && h('span', { class: 'tag urgent-tag' }, icon('alert'), 'Hole')),
        ...lines.map((line) => h('p', { class: 'record-line' },
          `${LAYERS[line.layer] ?? line.layer}, ${line.whole ? 'all day' : `${words.clock(line.from)} to ${words.clock(line.until)}`}: `,
          line.people.length > 0 ? named(line.people) : h('strong', {}, 'nobody'))));
    }));
  }
}

const named = (people) => people.map(({ name }) => name).join(' and ');
const dayAfter = (day) => new Date(Date.parse(`${day}T12:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Why nobody is there, where somebody should be. */
function why({ hole }) {
  if (!hole?.missing?.length) return '';
  const verb = hole.missing.length === 1 ? ['is away', 'can no longer sign in'] : ['are away', 'can no longer sign in'];
  return ` (${named(hole.missing)} ${hole.because === 'cannotSignIn' ? verb[1] : verb[0]})`;
}

customElements.define('care-coverage', Coverage);
