// Owns: taking an emergency. Of two who take one at the same moment, both read who has it: the hub decides.

import { api } from './api.js';
import { me } from './page.js';

/** Takes it. Resolves with {taken: true} or, when somebody else was faster, {by: their name}. */
export async function acknowledge({ id }) {
  try {
    await api('POST', `ehr/escalations/${id}/acknowledge`, { body: {} });
    return { taken: true };
  } catch (problem) {
    const by = problem.answer?.acknowledgedBy;
    if (problem.status !== 409 || !by) throw problem;
    return by.id === me.id ? { taken: true } : { by: by.name };
  }
}
