// Owns: answering a questionnaire: every question a group of choices, kept as it is chosen. Where a choice means danger,
// it says at once where help is, before and without any network. What answers mean is the hub's to say.

import { AnswerStore } from './answer-store.js';
import { api } from './api.js';
import { crisisLinks, withNumbers } from './crisis-links.js';
import { button, fill, h, icon } from './dom.js';
import { reason } from './either.js';
import { wordsFor } from './emergency-words.js';
import { me } from './page.js';
import { wordsIn } from './questionnaire-words.js';

class Questionnaire extends HTMLElement {
  #id = this.getAttribute('assessment');
  #words = wordsIn(me.language);
  #store = null;
  #asked = null;
  #groups = new Map();
  #status = h('p', { class: 'hint', role: 'status' });
  #progress = h('progress', { max: 1, value: 0 });
  #count = h('span', { class: 'hint' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #busy = false;

  connectedCallback() {
    this.lang = this.#words.language;
    this.#read();
    addEventListener('pagehide', () => this.#store?.leave());
    addEventListener('beforeunload', (event) => this.#store?.unsaved && this.#store.state === 'waiting' && event.preventDefault());
  }

  async #read() {
    fill(this, h('p', { class: 'loading', role: 'status' }, this.#words.loading));
    try {
      const found = await api('GET', `portal/assessments/${this.#id}`);
      if (found.state === 'submitted') return this.#show(found, null);
      if (found.state !== 'open') return this.#closed(found);
      this.#ask(found.startedAt ? found : await api('POST', `portal/assessments/${this.#id}/start`));
    } catch (problem) {
      const gone = problem.code === 'notFound';
      fill(this, h('div', { class: 'card' },
        h('p', { role: 'alert' }, gone ? this.#words.gone : reason(problem)),
        h('div', { class: 'button-row' },
          !gone && button(this.#words.again, { onclick: () => this.#read() }),
          h('a', { class: 'button', href: '/portal/questionnaires' }, this.#words.all))));
    }
  }

  #closed({ name, state }) {
    fill(this, h('div', { class: 'card' }, h('h1', {}, name), h('p', {}, this.#words.closed[state]),
      h('div', {}, h('a', { class: 'button', href: '/portal/questionnaires' }, this.#words.all))));
  }

  #ask(found) {
    this.#asked = found;
    this.#store = new AnswerStore(this.#id, found);
    this.#store.addEventListener('change', () => this.#say());
    this.#store.addEventListener('replaced', () => {
      const { answers, revision } = this.#store;
      this.#ask({ ...found, answers, revision });
      this.#status.textContent = this.#words.changed;
    });
    this.#groups = new Map(found.items.map((item) => [item.id, this.#group(item)]));
    const due = new Intl.DateTimeFormat(this.#words.language, { dateStyle: 'long' }).format(new Date(found.dueAt));
    fill(this,
      h('h1', {}, found.name),
      h('p', { class: 'hint' }, this.#words.due(due)),
      found.language !== this.#words.language && h('p', { class: 'hint' }, this.#words.english),
      h('form', { class: 'questionnaire', novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        this.#submit();
      } },
      h('div', { class: 'progress' }, this.#progress, this.#count),
      h('p', { class: 'instruction', lang: found.language }, found.instruction),
      h('ol', { class: 'questions' }, ...[...this.#groups.values()].map(({ node }) => node)),
      this.#failure,
      h('div', { class: 'questionnaire-foot' }, button(this.#words.submit, { type: 'submit', kind: 'primary' }), this.#status)),
      h('p', { class: 'hint', lang: 'en' }, found.attribution));
    this.#draw();
    this.#say();
  }

  /** One question; its number is the instrument's. */
  #group(item) {
    const danger = h('div', { class: 'danger-note', role: 'alert' });
    const error = h('p', { class: 'field-error', id: `error-of-${item.id}` });
    const note = item.note && h('span', { class: 'question-note' }, item.note);
    const fieldset = h('fieldset', { class: 'question', id: `question-${item.id}`, 'aria-describedby': error.id },
      h('legend', { lang: this.#asked.language }, h('span', { class: 'question-number' }, `${item.id}. `), item.text, note),
      h('div', { class: 'choices' }, ...item.choices.map((words, value) => h('label', { class: 'choice', lang: this.#asked.language },
        h('input', { type: 'radio', name: `item-${item.id}`, value, checked: this.#store.answers[item.id] === value, onchange: () => this.#choose(item, value) }), words))),
      error);
    return { item, error, danger, fieldset, node: h('li', {}, fieldset, danger) };
  }

  #choose(item, value) {
    this.#store.set(item.id, value);
    this.#groups.get(item.id).error.textContent = '';
    this.#groups.get(item.id).fieldset.removeAttribute('aria-invalid');
    this.#draw();
  }

  /** Whether it is asked, by what was answered so far. */
  #asks({ after, afterAny }) {
    const above = (id) => (this.#store.answers[id] ?? 0) > 0;
    if (after) return above(after);
    return !afterAny || this.#asked.items.some(({ id, counts }) => counts && above(id));
  }

  #draw() {
    const asked = this.#asked.items.filter((item) => this.#asks(item));
    const answered = asked.filter(({ id }) => id in this.#store.answers);
    // Said once, below the first such answer.
    const means = asked.find(({ id, danger }) => danger !== null && (this.#store.answers[id] ?? -1) >= danger);
    for (const { item, node, danger } of this.#groups.values()) {
      node.hidden = !asked.includes(item);
      if (item === means && danger.childElementCount === 0) fill(danger, ...this.#help());
      if (item !== means) danger.replaceChildren();
    }
    this.#progress.max = asked.length;
    this.#progress.value = answered.length;
    this.#progress.setAttribute('aria-label', this.#words.progress(answered.length, asked.length));
    this.#count.textContent = this.#words.progress(answered.length, asked.length);
  }

  /** Where help is: the practice's own lines, and the numbers that always answer. */
  #help() {
    const { title, text, told } = this.#words.danger;
    return [
      h('h2', {}, icon('alert'), title),
      h('p', {}, text),
      crisisLinks(wordsFor(me.language)),
      h('p', {}, told),
    ];
  }

  #say() {
    const { state, problem } = this.#store;
    const words = { saved: this.#words.saved, saving: this.#words.saving, waiting: this.#words.unsaved }[state] ?? reason(problem);
    if (this.#status.textContent !== words) this.#status.textContent = words;
  }

  async #submit() {
    if (this.#busy) return;
    this.#failure.hidden = true;
    const asked = this.#asked.items.filter((item) => this.#asks(item)).map(({ id }) => id);
    const missing = asked.filter((id) => !(id in this.#store.answers));
    if (missing.length > 0) return this.#point(missing.map((id) => ({ id, message: this.#words.answer })), this.#words.missing(missing.length));
    this.#busy = true;
    try {
      const { assessment, crisisNotice } = await this.#store.submit(asked);
      this.#store = null;
      this.#show(assessment, crisisNotice);
    } catch (problem) {
      const wrong = (problem.answer?.errors ?? []).map(({ pointer, message }) => ({ id: pointer.split('/').pop(), message })).filter(({ id }) => this.#groups.has(id));
      this.#point(wrong, wrong.length > 0 ? this.#words.missing(wrong.length) : reason(problem));
    } finally {
      this.#busy = false;
    }
  }

  /** Says what is wrong at each question, and goes to the first. */
  #point(wrong, words) {
    this.#failure.textContent = words;
    this.#failure.hidden = false;
    for (const { id, message } of wrong) {
      this.#groups.get(id).error.textContent = message;
      this.#groups.get(id).fieldset.setAttribute('aria-invalid', 'true');
    }
    if (wrong.length > 0) this.#groups.get(wrong[0].id).fieldset.querySelector('input').focus();
  }

  /** What was submitted. */
  #show(found, crisisNotice) {
    const { done, all } = this.#words;
    const { result } = found;
    const chosen = found.items.filter(({ id }) => id in found.answers);
    fill(this,
      h('section', { class: 'card' },
        h('h1', { tabindex: '-1' }, found.name),
        h('p', { class: 'done', role: 'status' }, done.title),
        crisisNotice && h('div', { class: 'danger-note', role: 'alert' }, h('p', { class: 'text' }, ...withNumbers(crisisNotice)), crisisLinks(wordsFor(me.language))),
        h('p', {}, result ? done.score(result.score, result.most, result.bandName) : done.passed),
        result && h('p', { class: 'hint' }, done.meaning),
        h('details', {}, h('summary', {}, done.answers),
          h('dl', { class: 'answers', lang: found.language }, ...chosen.flatMap(({ id, text, choices }) => [h('dt', {}, `${id}. ${text}`), h('dd', {}, choices[found.answers[id]])]))),
        h('div', {}, h('a', { class: 'button', href: '/portal/questionnaires' }, all))));
    if (crisisNotice !== null) document.dispatchEvent(new CustomEvent('care:danger'));
    this.querySelector('h1').focus();
    scrollTo(0, 0);
  }
}

customElements.define('care-questionnaire', Questionnaire);
