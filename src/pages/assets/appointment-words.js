// Owns: what appointments are called: their states and ways to meet, and times with the zone in which they are shown. Pure.

export const MODES = { inPerson: 'In person', video: 'Video', phone: 'Telephone' };

const STATES = {
  offered: 'Kept for you', requested: 'Waiting for the practice', proposed: 'Other time proposed', rescheduled: 'Move to be confirmed',
  confirmed: 'Confirmed', checkedIn: 'Here', completed: 'Took place', noShow: 'Missed', cancelled: 'Cancelled',
};
export const stateWords = (state) => STATES[state] ?? state;

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const format = (options) => new Intl.DateTimeFormat(undefined, options);
const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
const dayWithYear = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const clock = format({ hour: 'numeric', minute: '2-digit' });
const zoned = format({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });

export const dayOf = (at) => (new Date(at).getFullYear() === new Date().getFullYear() ? day : dayWithYear).format(new Date(at));
export const clockOf = (at) => clock.format(new Date(at));
/** "Tuesday, March 3, 10:00 AM to 10:50 AM CST". */
export const timeOf = ({ startsAt, endsAt }) => `${dayOf(startsAt)}, ${clockOf(startsAt)} to ${zoned.format(new Date(endsAt))}`;
/** The calendar day here: "2026-11-21". */
export const isoDay = (at) => {
  const then = new Date(at);
  return [then.getFullYear(), then.getMonth() + 1, then.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
};
export const money = ({ amount, currency }) => new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount / 100);
/** "24 hours", "90 minutes". */
export const span = (minutes) => (minutes % 60 === 0 ? `${minutes / 60} ${minutes === 60 ? 'hour' : 'hours'}` : `${minutes} minutes`);
