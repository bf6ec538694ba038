// Owns: instants in the words of the reader's own time zone and language. Pure.

import { either } from './either.js';

const format = (options) => new Intl.DateTimeFormat(either(undefined, 'es-US'), options);
const clock = format({ hour: 'numeric', minute: '2-digit' });
const weekday = format({ weekday: 'long' });
const date = format({ day: 'numeric', month: 'long' });
const dateWithYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = format({ day: 'numeric', month: 'short' });
const whole = format({ dateStyle: 'full', timeStyle: 'long' });

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());
const daysAgo = (at, now) => Math.round((midnight(now) - midnight(at)) / 86_400_000);

/** The calendar day of an instant, the same for two instants of one day. */
export const dayKey = (at) => midnight(new Date(at)).getTime();

export const timeOfDay = (at) => clock.format(new Date(at));

/** With zone and year, for whoever wants to know exactly. */
export const exactly = (at) => whole.format(new Date(at));

/** "Today", "Yesterday", "Tuesday", "3 March", "3 March 2024". */
export function dayName(at, now = new Date()) {
  const then = new Date(at);
  const days = daysAgo(then, now);
  if (days === 0) return either('Today', 'Hoy');
  if (days === 1) return either('Yesterday', 'Ayer');
  if (days > 1 && days < 7) return weekday.format(then);
  return then.getFullYear() === now.getFullYear() ? date.format(then) : dateWithYear.format(then);
}

/** For lists: the time today, the day before that. */
export function shortTime(at, now = new Date()) {
  if (!at) return '';
  const then = new Date(at);
  const days = daysAgo(then, now);
  if (days === 0) return clock.format(then);
  if (days === 1) return either('Yesterday', 'Ayer');
  return shortDate.format(then);
}
