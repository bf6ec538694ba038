// Owns: a client's payment plans: how each stands, and ending the one that runs.

import { api } from './api.js';
import { LIST_WORDS, RHYTHMS } from './billing-words.js';
import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { either, language, reason, when } from './either.js';
import { money } from './money.js';
import { schedule } from './payment-plan.js';
import { record, Records } from './records.js';
import { say } from './toast.js';

const STATES = {
  running: either('Running', 'En curso'),
  over: either('Over', 'Terminado'),
  cancelled: either('Cancelled', 'Cancelado'),
};

const PARTS = {
  waiting: either('Planned', 'Previsto'),
  trying: either('Being taken', 'Cobrándose'),
  paid: either('Paid', 'Pagado'),
  failed: either('Could not be taken', 'No se pudo cobrar'),
  dropped: either('Not needed', 'No hizo falta'),
};

const partState = ({ state, failures, triedAgainAt }) =>
  state === 'waiting' && failures > 0 ? either(`Failed; tried again on ${when(triedAgainAt)}`, `Falló; se intenta de nuevo el ${when(triedAgainAt)}`) : PARTS[state];

class Plans extends Records {
  get path() {
    return 'portal/payments/plans';
  }

  get words() {
    return { ...LIST_WORDS, why: reason };
  }

  get empty() {
    return either('You have no payment plan.', 'No tiene ningún plan de pagos.');
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('care:plans', this.#again);
  }

  disconnectedCallback() {
    document.removeEventListener('care:plans', this.#again);
  }

  #again = () => this.reload();

  node({ id, total, currency, rhythm, methodName, consent, madeAt, state, endedByPractice, parts }) {
    const running = state === 'running';
    const item = record({
      title: either(`${money(total, currency)} in ${parts.length} parts`, `${money(total, currency)} en ${parts.length} partes`),
      tags: [endedByPractice ? either('Ended by your practice', 'Terminado por su consultorio') : STATES[state]],
      lines: [
        `${RHYTHMS[rhythm]}, ${methodName}`,
        either(`You agreed to it on ${when(madeAt)}.`, `Usted lo aceptó el ${when(madeAt)}.`),
        endedByPractice && either('Nothing more is taken for it. What you owe stays, and you pay it yourself. Your practice can tell you more.', 'No se cobra nada más por él. Lo que debe sigue pendiente y lo paga usted. Su consultorio puede decirle más.'),
      ],
      actions: [running && button(either('Cancel the plan', 'Cancelar el plan'), { kind: 'small', onclick: () => this.#cancel(id) })].filter(Boolean),
    });
    item.querySelector('.record-words').append(
      h('details', { open: running }, h('summary', {}, either('Schedule', 'Calendario de pagos')), schedule(parts, currency, total, partState)),
      h('details', {}, h('summary', {}, either('What you agreed to', 'Lo que usted aceptó')), h('blockquote', { class: 'quoted' }, consent)));
    return item;
  }

  async #cancel(id) {
    const done = await ask({
      language,
      title: either('Cancel this plan?', '¿Cancelar este plan?'),
      content: [h('p', {}, either('Nothing more is taken for it. What you owe stays, and you pay it yourself.', 'No se cobra nada más por él. Lo que debe sigue pendiente y lo paga usted.'))],
      confirm: either('Cancel the plan', 'Cancelar el plan'), cancel: either('Keep it', 'Conservarlo'), kind: 'danger',
      act: () => api('DELETE', `portal/payments/plans/${id}`).then(() => true, (problem) => { throw new Error(reason(problem)); }),
    });
    if (!done) return;
    document.dispatchEvent(new CustomEvent('care:plans'));
    say(either('The plan is cancelled.', 'El plan se canceló.'));
  }
}

customElements.define('care-plans', Plans);
