// Owns: writing down whom an emergency calls: steps in their order, each with its channels and its time; the last
// resort. The hub says in words where nobody would be reached; a plan with such a hole cannot be switched on. What was
// changed here counts only once it is switched on.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { CHANNELS, TARGETS } from './escalation-words.js';
import { check, unmark } from './fields.js';
import { orSay } from './or-say.js';
import { withRecent } from './recent.js';
import { instant } from './records.js';

const LANGUAGES = { en: 'English', es: 'Spanish' };
const MOST_STEPS = 10;
const capital = (words) => words[0].toUpperCase() + words.slice(1);

class PolicyEditor extends HTMLElement {
  #steps = h('div', { class: 'stack' });
  #form = h('form', { class: 'stack' });
  #found = h('div', { class: 'stack', role: 'status' });
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #done = h('p', { class: 'done', role: 'status' }, 'Loading…');
  #on = h('p', { class: 'hint' });
  #plan = null;
  #version = null;
  #colleagues = [];

  connectedCallback() {
    this.#form.noValidate = true;
    this.append(this.#on, this.#form, this.#found, this.#failure, this.#done);
    this.#form.addEventListener('input', ({ target }) => {
      unmark(target);
      this.#done.textContent = '';
      fill(this.#found);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tell(() => this.#switchOn());
    });
    this.#tell(() => this.#load());
  }

  async #load() {
    const [policy, { items }] = await Promise.all([api('GET', 'admin/escalation-policy'), api('GET', 'ehr/colleagues')]);
    this.#colleagues = items;
    this.#take(policy);
    this.#done.textContent = '';
  }

  #take({ version, plan, switchedOnAt, holes }) {
    this.#version = version;
    this.#plan = plan;
    fill(this.#on, version === 0 || !switchedOnAt
      ? 'The practice goes by the built-in policy. Change what should be different, then switch yours on.'
      : h('span', {}, `Version ${version} is on, since `, instant(switchedOnAt), '.'));
    this.#draw();
    if (holes) this.#showHoles(holes);
  }

  #draw() {
    const { rounds, silenceSeconds, lastResort } = this.#plan;
    this.#drawSteps();
    fill(this.#form,
      this.#steps,
      h('div', {}, button('Add a step', { icon: 'plus', kind: 'small', 'data-add': true, onclick: () => this.#add() })),
      h('div', { class: 'side-by-side' },
        number('How often all steps are gone through', 'rounds', rounds, 1, 10),
        number('Minutes without a word from whoever took it, after which others are called again', 'silenceSeconds', silenceSeconds / 60, 1, 1440)),
      h('fieldset', { class: 'policy-step' }, h('legend', {}, 'When nobody has answered'),
        labelled('The practice’s phone', h('input', { type: 'tel', name: 'lastResort.phone', value: lastResort.phone ?? '', placeholder: '+15125550100', autocomplete: 'off' }),
          'With its country, digits only. The client is told to call it, and it gets a text message.'),
        labelled('Who answers it', h('select', { name: 'lastResort.answeredBy' },
          h('option', { value: '' }, 'Nobody in particular'),
          ...this.#colleagues.map(({ id, name }) => h('option', { value: id, selected: id === lastResort.answeredBy }, name))),
          'Their text message has a link by which they take the emergency without signing in.'),
        ...Object.entries(LANGUAGES).map(([language, words]) => {
          const area = h('textarea', { name: `lastResort.clientIsTold.${language}`, rows: 2, maxlength: 500, lang: language });
          area.value = lastResort.clientIsTold?.[language] ?? '';
          return labelled(`What the client reads then, in ${words}`, area, 'Empty: the built-in words, with the practice’s phone.');
        })),
      h('div', { class: 'button-row' },
        button('Check for holes', { onclick: () => this.#tell(() => this.#check()) }),
        h('button', { type: 'submit', class: 'button primary' }, 'Switch it on')));
  }

  #drawSteps() {
    const { steps } = this.#plan;
    fill(this.#steps, ...steps.map((step, at) => h('fieldset', { class: 'policy-step', 'data-step': at },
      h('legend', {}, `Step ${at + 1}`),
      labelled('Who is called', h('select', { name: `steps.${at}.target` },
        ...Object.entries(TARGETS).map(([target, words]) => h('option', { value: target, selected: target === step.target }, capital(words))))),
      h('fieldset', {}, h('legend', {}, 'By'), h('div', { class: 'choice-row' }, ...Object.entries(CHANNELS).map(([channel, words]) =>
        h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: `steps.${at}.channels`, value: channel, checked: step.channels.includes(channel) }), words)))),
      number('Minutes to answer', `steps.${at}.acknowledgeWithinSeconds`, step.acknowledgeWithinSeconds / 60, 0.5, 30),
      h('div', { class: 'button-row' },
        at > 0 && button('Earlier', { kind: 'small', 'data-move': -1, 'aria-label': `Step ${at + 1} earlier`, onclick: () => this.#move(at, -1) }),
        at < steps.length - 1 && button('Later', { kind: 'small', 'data-move': 1, 'aria-label': `Step ${at + 1} later`, onclick: () => this.#move(at, 1) }),
        steps.length > 1 && button('Take out', { kind: 'small', 'aria-label': `Take step ${at + 1} out`, onclick: () => this.#remove(at) })))));
    this.#form.querySelector('[data-add]')?.toggleAttribute('disabled', steps.length >= MOST_STEPS);
  }

  /** The plan as the fields have it. */
  #written() {
    const { elements } = this.#form;
    const seconds = (name) => Math.round(Number(elements[name].value) * 60);
    const told = Object.keys(LANGUAGES).map((language) => [language, elements[`lastResort.clientIsTold.${language}`].value.trim()]).filter(([, words]) => words);
    return {
      steps: this.#plan.steps.map((step, at) => ({
        target: elements[`steps.${at}.target`].value,
        channels: [...this.#form.querySelectorAll(`[name="steps.${at}.channels"]:checked`)].map(({ value }) => value),
        acknowledgeWithinSeconds: seconds(`steps.${at}.acknowledgeWithinSeconds`),
      })),
      rounds: Number(elements.rounds.value),
      silenceSeconds: seconds('silenceSeconds'),
      lastResort: {
        phone: elements['lastResort.phone'].value.replace(/[\s().-]/g, '') || null,
        answeredBy: elements['lastResort.answeredBy'].value || null,
        clientIsTold: Object.fromEntries(told),
      },
    };
  }

  #change(steps, focus) {
    this.#plan = { ...this.#plan, steps };
    this.#drawSteps();
    fill(this.#found);
    this.#steps.querySelector(focus)?.focus();
  }

  #add() {
    const { steps } = this.#written();
    this.#change([...steps, { target: 'allClinicians', channels: Object.keys(CHANNELS), acknowledgeWithinSeconds: 300 }], `[data-step="${steps.length}"] select`);
  }

  #move(at, by) {
    const { steps } = this.#written();
    [steps[at], steps[at + by]] = [steps[at + by], steps[at]];
    const place = `[data-step="${at + by}"]`;
    this.#change(steps, `${place} [data-move="${by}"], ${place} [data-move="${-by}"]`);
    this.#done.textContent = `It is step ${at + by + 1} now.`;
  }

  #remove(at) {
    const { steps } = this.#written();
    steps.splice(at, 1);
    this.#change(steps, `[data-step="${Math.min(at, steps.length - 1)}"] select`);
  }

  async #check() {
    if (!this.#isComplete()) return;
    const { holes } = await api('POST', 'admin/escalation-policy/check', { body: this.#written() });
    this.#showHoles(holes);
  }

  #showHoles(holes) {
    fill(this.#found, holes.length === 0
      ? h('p', { class: 'done' }, 'No hole found: at every moment of the next 30 days somebody is reached.')
      : h('div', { class: 'warning' }, h('p', {}, 'This policy cannot be switched on as it is:'), h('ul', { class: 'steps' }, ...holes.map((hole) => h('li', {}, hole.message)))));
  }

  async #switchOn() {
    if (!this.#isComplete()) return;
    this.#take(await withRecent(() => api('PUT', 'admin/escalation-policy', { body: { ...this.#written(), version: this.#version } })));
    this.#done.textContent = 'It is on.';
  }

  #isComplete() {
    this.#form.querySelectorAll('[aria-invalid=true]').forEach(unmark);
    return check(this.#form);
  }

  #tell(act) {
    return orSay({ form: this.#form, said: this.#done, failure: this.#failure }, () => act().catch((problem) => {
      if (problem.answer?.holes) this.#showHoles(problem.answer.holes);
      throw problem;
    }));
  }
}

const labelled = (words, input, hint = null) => h('label', { class: 'field' }, h('span', {}, words), input, hint && h('span', { class: 'hint' }, hint));
const number = (words, name, value, min, max) => labelled(words, h('input', { type: 'number', name, value, min, max, step: 'any', required: true, inputmode: 'decimal' }));

customElements.define('care-policy', PolicyEditor);
