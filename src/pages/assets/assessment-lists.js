// Owns: the practice's lists of assessments: what is overdue, a client's own, and the instruments that there are.

import { h, icon } from './dom.js';
import { instant, record, Records } from './records.js';

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
export const onDay = (at) => day.format(new Date(at));
export const STATES = { open: 'Waits for answers', submitted: 'Answered', missed: 'Not answered', cancelled: 'Taken back' };

/** What came of it, in words. */
export function resultWords({ score, most, bandName }, instrument) {
  return instrument === 'c-ssrs' ? bandName : `${score} of ${most}: ${bandName}`;
}

class OverdueAssessments extends Records {
  get path() {
    return 'ehr/assessments/overdue';
  }

  get empty() {
    return 'Nothing is overdue among the clients whom you look after.';
  }

  node({ client, name, dueAt, started }) {
    return record({
      title: h('a', { href: `/ehr/clients/${client.id}/assessments` }, h('bdi', {}, client.name)),
      tags: [name],
      lines: [`Was due on ${onDay(dueAt)}.`, started && 'The client has begun.'],
    });
  }
}

class ClientAssessments extends Records {
  get path() {
    return `ehr/clients/${this.getAttribute('client')}/assessments`;
  }

  get empty() {
    return 'Nothing was assigned yet.';
  }

  connectedCallback() {
    document.addEventListener('care:assessments', () => this.reload());
    super.connectedCallback();
  }

  took(_, { client }) {
    const title = document.querySelector('[data-client-name]');
    if (title && client) title.replaceChildren('Assessments of ', h('bdi', {}, client.name));
  }

  node({ id, instrument, name, state, assignedAt, dueAt, closedAt, startedAt, answered, asked, result }) {
    const late = state === 'open' && Date.parse(dueAt) < Date.now();
    return record({
      title: state === 'submitted' ? h('a', { href: `/ehr/assessments/${id}` }, name) : name,
      tags: [STATES[state] ?? state, late && 'Overdue'],
      lines: [
        result && h('strong', {}, resultWords(result, instrument)),
        result?.dangers.length > 0 && h('span', { class: 'danger-words' }, icon('alert'), ' An answer means danger.'),
        state === 'open' ? `Due on ${onDay(dueAt)}. ${startedAt ? `Begun, ${answered} of ${asked} answered.` : 'Not begun.'}` : h('span', {}, 'Assigned ', instant(assignedAt), ', closed ', instant(closedAt)),
      ],
    });
  }
}

class Instruments extends Records {
  get path() {
    return 'ehr/assessments/instruments';
  }

  node({ name, version, items, languages, attribution, raises, sources }) {
    const spoken = { en: 'English', es: 'Spanish' };
    return record({
      title: name,
      tags: [raises && 'Can raise an emergency'],
      lines: [`${items} questions, version ${version}, in ${languages.map((code) => spoken[code] ?? code).join(' and ')}.`, attribution, ...sources],
    });
  }
}

customElements.define('care-overdue-assessments', OverdueAssessments);
customElements.define('care-client-assessments', ClientAssessments);
customElements.define('care-instruments', Instruments);
