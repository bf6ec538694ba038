// Owns: what a page of forms says when something that it does fails. It never does anything itself.

import { either, reason } from './either.js';
import { showErrors } from './fields.js';

/**
 * Runs `act`. What a call refuses is said next to the fields of `form` that it is about, the rest in `failure`; `said`, if any, no
 * longer says that something is loading. A dialog that was cancelled is no failure.
 */
export async function orSay({ form, said, failure }, act) {
  failure.hidden = true;
  try {
    await act();
  } catch (problem) {
    if (said?.textContent === either('Loading…', 'Cargando…')) said.textContent = '';
    if (problem.code === 'cancelled') return;
    const left = form && problem.answer?.errors ? showErrors(form, problem.answer.errors) : [reason(problem)];
    failure.textContent = left.join(' ');
    failure.hidden = left.length === 0;
  }
}
