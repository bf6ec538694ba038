// Owns: a message on its way to the hub by a call: repeated with the same id until the hub answers. The words stay in
// the box, and so in the draft, until the hub has them.

import { api } from './api.js';
import { uuidV7 } from './ids.js';

const RETRY_MS = 2_000;

/** Resolves with what the hub answers; rejects with what repeating cannot cure. `waiting(problem)` hears of each try. */
export async function sendAttached(path, message, waiting) {
  const body = { id: uuidV7(), ...message };
  for (;;) {
    try {
      return await api('POST', path, { body });
    } catch (problem) {
      if (!problem.passing) throw problem;
      waiting(problem);
      await new Promise((resume) => setTimeout(resume, problem.retryAfterMs ?? RETRY_MS));
    }
  }
}
