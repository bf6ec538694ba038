// Owns: the forms that one client was given, as those see them who look after the client: giving another one, and taking
// back what was not submitted.

import { api } from './api.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { day, kindInWords } from './form-lists.js';
import { uuidV7 } from './ids.js';
import { instant, record, Records } from './records.js';
import { say } from './toast.js';

const STATES = { submitted: 'Submitted', reviewed: 'Reviewed', withdrawn: 'Taken back' };

class ClientForms extends Records {
  connectedCallback() {
    this.append(h('div', {}, button('Give a form', { kind: 'primary', onclick: () => this.#give() })));
    super.connectedCallback();
  }

  get #client() {
    return this.getAttribute('client');
  }

  get path() {
    return `ehr/clients/${this.#client}/forms`;
  }

  get empty() {
    return 'This client was not given a form yet.';
  }

  took(_, { client }) {
    document.querySelector('[data-client-name]').replaceChildren('Forms of ', h('bdi', {}, client.name));
  }

  node({ id, title, kind, state, version, assignedAt, dueOn, overdue, savedAt, submission, submittedAt }) {
    return record({
      title: h('bdi', {}, title),
      tags: [kindInWords(kind), STATES[state] ?? (overdue ? 'Overdue' : savedAt ? 'Begun' : 'To be filled in')],
      lines: [
        h('span', {}, `Version ${version} · Given: `, instant(assignedAt)),
        dueOn && state === 'open' && `To be filled in by ${day(dueOn)}.`,
        savedAt && state === 'open' && h('span', {}, 'Last written in: ', instant(savedAt)),
        submittedAt && h('span', {}, 'Submitted: ', instant(submittedAt)),
      ],
      actions: [
        submission && h('a', { class: 'button small', href: `/ehr/submissions/${submission}`, 'aria-label': `Open ${title}` }, 'Open'),
        state === 'open' && button('Take back', { kind: 'small', 'aria-label': `Take back ${title}`, onclick: () => this.confirm({
          title: `Take back ${title}?`,
          content: [h('p', {}, 'The client does not see it any more, and cannot submit it. What they wrote so far is kept with it.')],
          confirm: 'Take back',
          act: () => api('DELETE', `ehr/form-assignments/${id}`),
          done: 'The form was taken back.',
        }) }),
      ],
    });
  }

  async #give() {
    const forms = await api('GET', 'ehr/forms?retired=false&limit=200').catch((problem) => {
      say(problem.message);
      return null;
    });
    if (!forms) return;
    const ready = forms.items.filter(({ version }) => version);
    if (ready.length === 0) return say('No form is published yet. Build one under Forms.');
    const sentAs = uuidV7();
    const given = await ask({
      title: 'Give a form',
      content: [
        field('Form', h('select', { name: 'form', required: true }, ...ready.map(({ id, title }) => h('option', { value: id }, title)))),
        field('To be filled in by', h('input', { type: 'date', name: 'dueOn' }), 'Leave empty for any time. The client is told now, and reminded the morning before.'),
      ],
      confirm: 'Give',
      act: async (data) => {
        await api('POST', `ehr/forms/${data.get('form')}/assignments`, { body: { id: sentAs, client: this.#client, dueOn: data.get('dueOn') || null } });
        return true;
      },
    });
    if (!given) return;
    say('The client was given the form.');
    await this.reload();
  }
}

customElements.define('care-client-forms', ClientForms);
