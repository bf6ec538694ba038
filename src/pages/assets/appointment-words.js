// Owns: what appointments are called: their states and ways to meet, and times with the zone in which they are shown, in
// the reader's language. Pure.

import { either } from './either.js';

export const MODES = either(
  { inPerson: 'In person', video: 'Video', phone: 'Telephone' },
  { inPerson: 'En persona', video: 'Video', phone: 'Teléfono' },
);

const STATES = either({
  offered: 'Kept for you', requested: 'Waiting for the practice', proposed: 'Other time proposed', rescheduled: 'Move to be confirmed',
  confirmed: 'Confirmed', checkedIn: 'Here', completed: 'Took place', noShow: 'Missed', cancelled: 'Cancelled',
}, {
  offered: 'Reservada para usted', requested: 'A la espera del consultorio', proposed: 'Se propone otra hora', rescheduled: 'Cambio por confirmar',
  confirmed: 'Confirmada', checkedIn: 'Ya llegó', completed: 'Realizada', noShow: 'No asistió', cancelled: 'Cancelada',
});
/** The same, as the practice says it. */
const OF_STAFF = { offered: 'Offered, not answered', requested: 'To be confirmed', proposed: 'Proposed to the client', rescheduled: 'Moved by the client, to be confirmed' };
export const stateWords = (state) => STATES[state] ?? state;
export const stateForStaff = (state) => OF_STAFF[state] ?? stateWords(state);

const LOCALE = either(undefined, 'es-US');
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const format = (options) => new Intl.DateTimeFormat(LOCALE, options);
const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
const dayWithYear = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const date = format({ dateStyle: 'long' });
const clock = format({ hour: 'numeric', minute: '2-digit' });
const zoned = format({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });

export const dayOf = (at) => (new Date(at).getFullYear() === new Date().getFullYear() ? day : dayWithYear).format(new Date(at));
/** The same where it begins a line: Spanish days are written small. */
export const atBeginning = (words) => words.charAt(0).toLocaleUpperCase() + words.slice(1);
/** "March 3, 2026". */
export const dateOf = (at) => date.format(new Date(at));
export const clockOf = (at) => clock.format(new Date(at));
/** The same within a sentence: in Spanish an hour has its article. */
export const theClock = (at) => either(clockOf(at), `${/^1\D/.test(clockOf(at)) ? 'la' : 'las'} ${clockOf(at)}`);
/** "Tuesday, March 3, 10:00 AM to 10:50 AM CST". */
export const timeOf = ({ startsAt, endsAt }) => `${dayOf(startsAt)}, ${clockOf(startsAt)} ${either('to', 'a')} ${zoned.format(new Date(endsAt))}`;
const DOOR_MS = 10 * 60_000;
/** How long until its two parties can meet over video; null where they never will. */
export const opensIn = ({ mode, state, startsAt, endsAt }) => (mode === 'video' && ['confirmed', 'checkedIn'].includes(state) && new Date(endsAt) > new Date() ? Math.max(0, new Date(startsAt) - DOOR_MS - Date.now()) : null);
/** Which clocks times are shown by. */
export const zoneWords = () => `${either('Times are shown as clocks here show them', 'Las horas son las de los relojes de aquí')} (${ownZone().replaceAll('_', ' ')}).`;
/** The calendar day here: "2026-11-21". */
export const isoDay = (at) => {
  const then = new Date(at);
  return [then.getFullYear(), then.getMonth() + 1, then.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
};
export const money = ({ amount, currency }) => new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).format(amount / 100);
/** "24 hours", "90 minutes". */
export const span = (minutes) => {
  if (minutes % 60 !== 0) return `${minutes} ${either('minutes', 'minutos')}`;
  return `${minutes / 60} ${minutes === 60 ? either('hour', 'hora') : either('hours', 'horas')}`;
};
