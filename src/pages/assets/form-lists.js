// Owns: the lists of forms: what a client is to fill in and has submitted, and what staff have to look at.

import { h } from './dom.js';
import { either, language } from './either.js';
import { instant, record, Records } from './records.js';

const KINDS = {
  initial: either('First visit', 'Primera visita'), annualUpdate: either('Yearly update', 'Actualización anual'),
  symptomChecklist: either('Symptom checklist', 'Lista de síntomas'), custom: either('Form', 'Formulario'),
};
export const kindInWords = (kind) => KINDS[kind] ?? KINDS.custom;

/** A date without a time, as people write it. */
export const day = (date) => new Date(`${date}T12:00`).toLocaleDateString(either(undefined, 'es-US'), { dateStyle: 'medium' });

/** In the client's language. */
class ClientRecords extends Records {
  connectedCallback() {
    this.lang = language;
    super.connectedCallback();
  }
}

class FormsToFillIn extends ClientRecords {
  get path() {
    return 'portal/forms?open=true';
  }

  get empty() {
    return either('There is nothing for you to fill in.', 'No hay nada que deba llenar.');
  }

  node({ id, title, kind, dueOn, overdue, savedAt }) {
    return record({
      title: h('bdi', {}, title),
      tags: [kindInWords(kind), overdue && either('Overdue', 'Vencido'), savedAt && either('Begun', 'Empezado')],
      lines: [dueOn && either(`Please fill it in by ${day(dueOn)}.`, `Por favor, llénelo hasta el ${day(dueOn)}.`), savedAt && [either('Last saved: ', 'Guardado por última vez: '), instant(savedAt)]].map((line) => line && h('span', {}, line)),
      actions: [h('a', { class: 'button primary small', href: `/portal/forms/${id}`, 'aria-label': `${savedAt ? either('Go on with', 'Seguir con') : either('Fill in', 'Llenar')} ${title}` }, savedAt ? either('Go on', 'Seguir') : either('Fill in', 'Llenar'))],
    });
  }
}

class FormsSubmitted extends ClientRecords {
  get path() {
    return 'portal/forms/submissions';
  }

  get empty() {
    return either('You have not submitted a form yet.', 'Todavía no ha enviado ningún formulario.');
  }

  node({ id, title, state, submittedAt }) {
    return record({
      title: h('bdi', {}, title),
      tags: [state === 'reviewed' ? either('Reviewed', 'Revisado') : either('Submitted', 'Enviado')],
      lines: [instant(submittedAt)],
      actions: [h('a', { class: 'button small', href: `/portal/forms/submissions/${id}`, 'aria-label': `${either('Read', 'Leer')} ${title}` }, either('Read', 'Leer'))],
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
