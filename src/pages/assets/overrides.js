// Owns: what deviates from the week: somebody covers, somebody is away. Times are typed as clocks at the practice show
// them; the hub keeps instants.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, fill, h } from './dom.js';
import { instantIn, LAYERS, zoned } from './rota-words.js';
import { record } from './records.js';
import { colleagueField } from './thread-actions.js';

class Overrides extends HTMLElement {
  #message = h('p', { class: 'hint', role: 'status' }, 'Loading…');
  #list = h('ul', { class: 'records' });
  #zone = 'UTC';

  connectedCallback() {
    this.append(this.#message, this.#list, h('div', { class: 'button-row' },
      button('Somebody covers', { icon: 'plus', onclick: () => this.#add('cover') }),
      button('Somebody is away', { icon: 'plus', onclick: () => this.#add('leave') })));
    document.addEventListener('care:rota', () => this.#read());
    this.#read();
  }

  async #read() {
    try {
      const { timeZone, overrides } = await api('GET', 'ehr/on-call', { automatic: true });
      this.#zone = timeZone;
      const words = zoned(timeZone);
      fill(this.#list, ...overrides.map((one) => this.#node(one, words)));
      this.#message.textContent = overrides.length > 0 ? '' : 'Nothing deviates from the week.';
    } catch (problem) {
      fill(this.#message, problem.message, ' ', button('Try again', { kind: 'small', onclick: () => this.#read() }));
    }
  }

  #node({ id, kind, layer, user, startsAt, endsAt }, words) {
    const name = user?.name ?? 'Somebody';
    return record({
      title: kind === 'cover' ? `${name} covers` : `${name} is away`,
      tags: [layer && (LAYERS[layer] ?? layer)],
      lines: [`${words.short(startsAt)} to ${words.short(endsAt)}`],
      actions: [button('Remove', { kind: 'small', 'aria-label': `Remove: ${name}, ${words.short(startsAt)}`, onclick: () => this.#remove(id, name) })],
    });
  }

  async #add(kind) {
    const cover = kind === 'cover';
    const at = (name) => h('input', { type: 'datetime-local', name, required: true });
    const done = await ask({
      title: cover ? 'Somebody covers' : 'Somebody is away',
      content: [
        await colleagueField(cover ? 'Who is on call then?' : 'Who is away?', { self: true }),
        cover && field('In which place?', h('select', { name: 'layer' }, ...Object.entries(LAYERS).map(([value, words]) => h('option', { value }, words)))),
        field('From', at('from')), field('Until', at('until')),
        h('p', { class: 'hint' }, `As clocks at the practice show it (${this.#zone}). ${cover ? 'Whoever the week names is not called then.' : 'They are called only where everybody is.'}`),
      ].filter(Boolean),
      confirm: 'Save',
      act: (data) => {
        const [startsAt, endsAt] = ['from', 'until'].map((name) => instantIn(this.#zone, data.get(name)));
        if (startsAt >= endsAt) throw new Error('The end has to be after the beginning.');
        return api('POST', 'ehr/on-call/overrides', { body: { kind, user: data.get('person'), startsAt, endsAt, ...(cover && { layer: data.get('layer') }) } }).then(() => true);
      },
    });
    if (done) document.dispatchEvent(new CustomEvent('care:rota'));
  }

  async #remove(id, name) {
    const done = await ask({
      title: `Remove this of ${name}?`,
      content: [h('p', {}, 'From then on the week counts again.')],
      confirm: 'Remove',
      act: () => api('DELETE', `ehr/on-call/overrides/${id}`).then(() => true),
    });
    if (done) document.dispatchEvent(new CustomEvent('care:rota'));
  }
}

customElements.define('care-overrides', Overrides);
