// Owns: the scores of each instrument over time, on a client's own page and on that of those who look after them. The
// hub says which instruments there are scores of.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { chart, table } from './trend-chart.js';

const INSTRUMENTS = ['phq-9', 'gad-7', 'pcl-5', 'c-ssrs'];

class Trends extends HTMLElement {
  #shown = [];
  #sizes = new ResizeObserver(() => this.#fit());

  connectedCallback() {
    this.#read();
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
  }

  async #read() {
    fill(this, h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      const all = await Promise.all(INSTRUMENTS.map((id) => api('GET', `${this.getAttribute('calls')}?instrument=${id}`)));
      this.#draw(all.filter(({ points }) => points.length > 0));
    } catch (problem) {
      fill(this, h('p', { role: 'alert' }, reason(problem)), button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #draw(trends) {
    const leads = this.getAttribute('leads');
    this.#shown = trends.map((trend) => ({ trend, place: h('div', { class: 'trend-place' }), width: 0 }));
    fill(this, trends.length === 0 && h('p', { class: 'hint' }, either('There are no scores yet.', 'Todavía no hay puntuaciones.')),
      ...this.#shown.map(({ trend, place }) => h('section', { class: 'stack', 'aria-label': trend.name }, h('h3', {}, trend.name), place,
        h('details', {}, h('summary', {}, either('As a table', 'En una tabla')), table(trend, leads)))));
    this.#shown.forEach(({ place }) => this.#sizes.observe(place));
    this.#fit();
  }

  #fit() {
    for (const one of this.#shown) {
      const width = Math.floor(one.place.clientWidth);
      if (width === 0 || width === one.width) continue;
      one.width = width;
      one.place.replaceChildren(chart(one.trend, width));
    }
  }
}

customElements.define('care-trends', Trends);
