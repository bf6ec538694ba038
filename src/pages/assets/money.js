// Owns: amounts as people read and write them: THE place of all pages. The hub counts in whole minor units; nothing here
// ever adds up, so no figure on a page is another than the hub's.

const formats = new Map();

function formatOf(currency) {
  if (!formats.has(currency)) formats.set(currency, new Intl.NumberFormat('en-US', { style: 'currency', currency }));
  return formats.get(currency);
}

const digitsOf = (currency) => formatOf(currency).resolvedOptions().maximumFractionDigits;

/** `$1,234.50` of 123450. */
export const money = (amount, currency) => formatOf(currency).format(amount / 10 ** digitsOf(currency));

/** The same for a field: `1234.50`. */
export const decimal = (amount, currency) => (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** The minor units of what somebody typed, without computing in fractions; null where that is no amount. */
export function minor(text, currency) {
  const digits = digitsOf(currency);
  const found = /^\s*(\d{1,9})(?:\.(\d*))?\s*$/.exec(String(text).replaceAll(',', ''));
  if (!found || (found[2]?.length ?? 0) > digits) return null;
  return Number(found[1] + (found[2] ?? '').padEnd(digits, '0'));
}

/** The smallest step of a field. */
export const step = (currency) => (1 / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** How many digits follow the point. */
export const digits = digitsOf;
