// Owns: the client's lists of questionnaires: what waits for answers, and what was answered. The hub says which.

import { h } from './dom.js';
import { me } from './page.js';
import { wordsIn } from './questionnaire-words.js';
import { when } from './either.js';
import { record, Records } from './records.js';

const words = wordsIn(me.language);
const pageOf = (id) => `/portal/questionnaires/${id}`;
const day = new Intl.DateTimeFormat(words.language, { dateStyle: 'long' });

class DueQuestionnaires extends Records {
  get path() {
    return 'portal/assessments';
  }

  get empty() {
    return words.list.nothing;
  }

  node({ id, name, dueAt, startedAt, answered, asked }) {
    const late = Date.parse(dueAt) < Date.now();
    const act = startedAt ? words.list.goOn : words.list.begin;
    return record({
      title: name,
      tags: [late && words.list.overdue],
      lines: [words.due(day.format(new Date(dueAt))), startedAt && words.progress(answered, asked)],
      actions: [h('a', { class: 'button primary', href: pageOf(id), 'aria-label': `${act}: ${name}` }, act)],
    });
  }
}

class AnsweredQuestionnaires extends Records {
  get path() {
    return 'portal/assessments/history';
  }

  get empty() {
    return words.list.none;
  }

  node({ id, name, closedAt, result }) {
    return record({
      title: name,
      lines: [h('time', { datetime: closedAt }, when(closedAt)), result ? words.done.score(result.score, result.most, result.bandName) : words.done.passed],
      actions: [h('a', { class: 'button small', href: pageOf(id), 'aria-label': `${words.list.look}: ${name}` }, words.list.look)],
    });
  }
}

customElements.define('care-due-questionnaires', DueQuestionnaires);
customElements.define('care-answered-questionnaires', AnsweredQuestionnaires);
