// Owns: what the practice does with a series, seen from one of its appointments: this one, those that follow, or all of
// them are moved or cancelled. Where times are taken, each of them is named, and nothing was changed.

import { api } from './api.js';
import { clockOf, dayOf, MODES } from './appointment-words.js';
import { field } from './dialog.js';
import { h } from './dom.js';

const SCOPES = { one: 'This one alone', following: 'This one and all that follow', all: 'All that are ahead' };

/** Which of them; nothing for an appointment that stands alone. */
export const scopes = ({ series }) => (series ? [h('fieldset', { class: 'choices' }, h('legend', {}, 'It is one of a series. Which ones?'),
  ...Object.entries(SCOPES).map(([value, words]) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'scope', value, checked: value === 'one' }), words)))] : []);

/** What is asked besides, where more than one is moved. */
export const seriesFields = ({ series, mode }) => {
  if (!series) return [];
  const fields = h('div', { class: 'stack', hidden: true },
    h('p', { class: 'hint' }, 'The others move by the same difference: what was a week apart stays a week apart, at the same hour.'),
    field('How?', h('select', { name: 'mode' }, ...Object.entries(MODES).map(([value, words]) => h('option', { value, selected: value === mode }, words)))),
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'leaveTaken' }), 'Leave those where they are whose new time is taken'));
  queueMicrotask(() => fields.closest('form')?.addEventListener('change', ({ target }) => {
    if (target.name === 'scope') fields.hidden = target.value === 'one';
  }));
  return [fields];
};

const isWhole = (data) => ['following', 'all'].includes(data.get('scope'));

/** Moves it, or more of its series. */
export async function move(appointment, startsAt, data) {
  if (!isWhole(data)) return api('PUT', `ehr/appointments/${appointment.id}/reschedule`, { body: { startsAt } });
  try {
    return await api('PUT', `ehr/appointments/${appointment.id}/series`, { body: { scope: data.get('scope'), startsAt, mode: data.get('mode'), leaveTaken: data.get('leaveTaken') === 'on' } });
  } catch (problem) {
    const { taken } = problem.answer ?? {};
    if (taken?.length > 0) problem.message = `Taken: ${taken.map((at) => `${dayOf(at)}, ${clockOf(at)}`).join('; ')}. Nothing was changed.`;
    throw problem;
  }
}

/** Cancels it, or more of its series. */
export const cancel = (appointment, data) => (isWhole(data)
  ? api('POST', `ehr/appointments/${appointment.id}/series/cancel`, { body: { scope: data.get('scope') } })
  : api('POST', `ehr/appointments/${appointment.id}/cancel`, { body: {} }));

/** What was done, in words. */
export function outcome(words, { items, taken } = {}) {
  if (!items) return `${words}.`;
  const many = `${items.length} ${items.length === 1 ? 'appointment' : 'appointments'}`;
  return `${words}: ${many}${taken.length > 0 ? `; left where they were: ${taken.length}` : ''}.`;
}
