// Owns: the words of the rota, and instants and days as clocks at the practice show them. Pure.

export const LAYERS = { onCall: 'On call', backup: 'Backup' };
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Formats in the practice's time zone, which is the rota's: {clock, day, short, key, date}. */
export function zoned(timeZone) {
  const format = (options) => {
    const made = new Intl.DateTimeFormat(undefined, { timeZone, ...options });
    return (at) => made.format(new Date(at));
  };
  return {
    clock: format({ hour: 'numeric', minute: '2-digit' }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
    short: format({ weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }),
    /** The same for two instants of one day there. */
    key: format({ year: 'numeric', month: '2-digit', day: '2-digit' }),
    /** "2026-11-21". */
    date: (at) => new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at)),
  };
}

/** Whether clocks here show another time than at the practice. */
export const isElsewhere = (timeZone, at = new Date()) =>
  new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
  !== new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short' }).format(at);

/** "2026-11-21T09:30" on clocks of a zone as an instant: looked up twice, so that it is right around a change of clocks. */
export function instantIn(timeZone, shown) {
  const wanted = Date.parse(`${shown}:00Z`);
  const offset = (at) => {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(new Date(at));
    const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(year, month - 1, day, hour, minute, second) - at;
  };
  const first = wanted - offset(wanted);
  return new Date(wanted - offset(first)).toISOString();
}
