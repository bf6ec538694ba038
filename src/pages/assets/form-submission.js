// Owns: the page of one submission, for its client and for those who look after them: what was answered, the file to
// keep, and looking at it as done.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, language, reason, when } from './either.js';
import { answered } from './form-answers.js';
import { history } from './form-history.js';
import { staff } from './page.js';
import { exactly } from './time.js';

class FormSubmission extends HTMLElement {
  #path = staff ? `ehr/submissions/${location.pathname.split('/').pop()}` : `portal/forms/submissions/${location.pathname.split('/').pop()}`;
  #home = staff ? '/ehr/submissions' : '/portal/forms';

  connectedCallback() {
    this.lang = language;
    this.load();
  }

  async load() {
    fill(this, h('p', { class: 'loading', role: 'status' }, either('Loading…', 'Cargando…')));
    try {
      this.#show(await api('GET', this.#path));
    } catch (problem) {
      if (problem.status === 404) return fill(this, h('div', { class: 'empty' }, h('h1', {}, either('There is no such form', 'No existe ese formulario')), h('a', { class: 'button', href: this.#home }, either('To the list', 'A la lista'))));
      fill(this, h('p', { class: 'failure', role: 'alert' }, reason(problem), ' ', button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => this.load() })));
    }
  }

  #show(submission) {
    const { title, client, submittedAt, review, version } = submission;
    document.title = `${title} · Carehub`;
    fill(this,
      h('div', { class: 'column-head' }, h('h1', { tabindex: '-1', dir: 'auto' }, title),
        h('a', { class: 'button', href: `/api/v1/${this.#path}/pdf`, download: '' }, either('Save as PDF', 'Guardar como PDF'))),
      h('p', { class: 'hint' }, staff && [h('bdi', {}, client.name), ' · '], either(`Submitted on ${exactly(submittedAt)} · Version ${version}`, `Enviado: ${when(submittedAt)} · Versión ${version}`)),
      review && this.#reviewed(review),
      h('section', { class: 'card', 'aria-label': either('Answers', 'Respuestas') }, ...answered(submission, ({ id }) => `/api/v1/${staff ? this.#path : `portal/forms/${submission.assignment}`}/files/${id}`)),
      staff && !review && this.#toReview(),
      !staff && history(submission.assignment),
      h('p', {}, h('a', { href: this.#home }, staff ? 'To all submissions' : either('To your forms', 'A sus formularios'))));
  }

  #reviewed({ by, at, message, note }) {
    return h('section', { class: 'card', 'aria-label': either('Review', 'Revisión') },
      h('p', {}, by ? [either('Looked at by ', 'Revisado por '), h('bdi', {}, by.name), `, ${either(exactly(at), when(at))}.`] : either(`Looked at, ${exactly(at)}.`, `Revisado: ${when(at)}.`)),
      message && [h('h2', {}, staff ? 'Told to the client' : either('What your care team says', 'Lo que dice su equipo')), h('p', { class: 'text' }, message)],
      note && [h('h2', {}, 'Note for staff'), h('p', { class: 'text note-box' }, note)]);
  }

  #toReview() {
    const note = h('textarea', { rows: 3, maxlength: 4000, dir: 'auto' });
    const message = h('textarea', { rows: 3, maxlength: 4000, dir: 'auto' });
    const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
    const done = button('Mark as reviewed', { kind: 'primary', type: 'submit' });
    return h('form', { class: 'card stack', 'aria-label': 'Review', onsubmit: async (event) => {
      event.preventDefault();
      done.disabled = true;
      failure.hidden = true;
      try {
        this.#show(await api('POST', `${this.#path}/review`, { body: { note: note.value || null, message: message.value || null } }));
        this.querySelector('h1').focus();
      } catch (problem) {
        failure.textContent = problem.message;
        failure.hidden = false;
        done.disabled = false;
      }
    } },
    h('h2', {}, 'Review'),
    h('label', { class: 'field' }, h('span', {}, 'Note for staff (the client never sees it)'), note),
    h('label', { class: 'field' }, h('span', {}, 'Message to the client (they are told and can read it)'), message),
    failure, h('div', {}, done));
  }
}

customElements.define('care-form-submission', FormSubmission);
