// Owns: what the roles of those who work for a practice are called, in the reader's language. Pure.

import { either } from './either.js';

export const ROLES = either(
  { clinician: 'clinician', staff: 'front desk', admin: 'administrator' },
  { clinician: 'profesional', staff: 'recepción', admin: 'administración' },
);
