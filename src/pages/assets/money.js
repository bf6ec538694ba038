// Owns: amounts as people read and write them: THE place of all pages. The hub counts in whole minor units; nothing here
// ever adds up, so no figure on a page is another than the hub's. How many digits a currency has the browser knows: the
// hub takes only currencies of which it knows the same.

const formats = new Map();

function formatOf(currency) {
  if (!formats.has(currency)) formats.set(currency, new Intl.NumberFormat('en-US', { style: 'currency', currency }));
  return formats.get(currency);
}

/** How many digits follow the point. */
export const digits = (currency) => formatOf(currency).resolvedOptions().maximumFractionDigits;

/** `$1,234.50` of 123450. */
export const money = (amount, currency) => formatOf(currency).format(amount / 10 ** digits(currency));

/** The same for a field: `1234.50`. */
export const decimal = (amount, currency) => (amount / 10 ** digits(currency)).toFixed(digits(currency));

/** `1234`, `1,234.5` and `1,234`: a comma before three digits stands between thousands. */
const WITH_A_POINT = /^([1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.(\d*))?$/;
/** `12,50` and `1.234,50`, as much of the world writes it. */
const WITH_A_COMMA = /^([1-9]\d{0,2}(?:\.\d{3})+|\d+),(\d+)$/;

/**
 * The minor units of what somebody typed, without computing in fractions; null where that is no amount, or could be two:
 * `1.234` is no dollars and cents, and nobody guesses that it is a thousand.
 */
export function minor(text, currency) {
  const typed = String(text).trim();
  const found = WITH_A_POINT.exec(typed) ?? WITH_A_COMMA.exec(typed);
  if (!found) return null;
  const [whole, rest] = [found[1].replaceAll(/[.,]/g, ''), found[2] ?? ''];
  if (whole.length > 9 || rest.length > digits(currency)) return null;
  return Number(whole + rest.padEnd(digits(currency), '0'));
}

/** The smallest step of a field. */
export const step = (currency) => (1 / 10 ** digits(currency)).toFixed(digits(currency));
