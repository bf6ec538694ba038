// Owns: the lists of forms: what a client is to fill in and has submitted, and what staff have to look at.

import { h } from './dom.js';
import { instant, record, Records } from './records.js';

const KINDS = { initial: 'First visit', annualUpdate: 'Yearly update', symptomChecklist: 'Symptom checklist', custom: 'Form' };
export const kindInWords = (kind) => KINDS[kind] ?? 'Form';

/** A date without a time, as people write it. */
export const day = (date) => new Date(`${date}T12:00`).toLocaleDateString(undefined, { dateStyle: 'medium' });

class FormsToFillIn extends Records {
  get path() {
    return 'portal/forms?open=true';
  }

  get empty() {
    return 'There is nothing for you to fill in.';
  }

  node({ id, title, kind, dueOn, overdue, savedAt }) {
    return record({
      title: h('bdi', {}, title),
      tags: [kindInWords(kind), overdue && 'Overdue', savedAt && 'Begun'],
      lines: [dueOn && `Please fill it in by ${day(dueOn)}.`, savedAt && ['Last saved: ', instant(savedAt)]].map((line) => line && h('span', {}, line)),
      actions: [h('a', { class: 'button primary small', href: `/portal/forms/${id}`, 'aria-label': `${savedAt ? 'Go on with' : 'Fill in'} ${title}` }, savedAt ? 'Go on' : 'Fill in')],
    });
  }
}

class FormsSubmitted extends Records {
  get path() {
    return 'portal/forms/submissions';
  }

  get empty() {
    return 'You have not submitted a form yet.';
  }

  node({ id, title, state, submittedAt }) {
    return record({
      title: h('bdi', {}, title),
      tags: [state === 'reviewed' ? 'Reviewed' : 'Submitted'],
      lines: [instant(submittedAt)],
      actions: [h('a', { class: 'button small', href: `/portal/forms/submissions/${id}`, 'aria-label': `Read ${title}` }, 'Read')],
    });
  }
}

class FormsToReview extends Records {
  #filter = this.querySelector('select');

  connectedCallback() {
    this.#filter.addEventListener('change', () => this.reload());
    super.connectedCallback();
  }

  get path() {
    return `ehr/submissions${this.#filter.value === '' ? '' : `?reviewed=${this.#filter.value}`}`;
  }

  get empty() {
    return this.#filter.value === 'false' ? 'Nothing waits to be looked at.' : 'Your clients have not submitted anything yet.';
  }

  node({ id, title, client, state, submittedAt }) {
    return record({
      title: h('span', {}, h('bdi', {}, client.name), ': ', h('bdi', {}, title)),
      tags: [state === 'reviewed' ? 'Reviewed' : 'To review'],
      lines: [instant(submittedAt)],
      actions: [h('a', { class: 'button small', href: `/ehr/submissions/${id}`, 'aria-label': `Open ${title} of ${client.name}` }, 'Open')],
    });
  }
}

customElements.define('care-forms-to-fill-in', FormsToFillIn);
customElements.define('care-forms-submitted', FormsSubmitted);
customElements.define('care-forms-to-review', FormsToReview);
