// Owns: which of two wordings somebody reads. Clients read their pages in English or Spanish; the practice's pages, and
// those before signing in, are in English.

const { door, userLanguage } = document.body.dataset;

/** The language of what `either` gives. */
export const language = door === 'portal' && /^es\b/i.test(userLanguage) ? 'es' : 'en';

export const either = (english, spanish) => (language === 'es' ? spanish : english);

const whole = new Intl.DateTimeFormat(either(undefined, 'es-US'), { dateStyle: 'medium', timeStyle: 'short' });

/** An instant, in the same language. */
export const when = (at) => whole.format(new Date(at));

let translated = (message) => message;
/**
 * When refusals can be said in this language; where it cannot be loaded they stay as the hub says them. Whoever is refused
 * something they did need not wait: that takes an act of theirs and an answer of the hub.
 */
export const translations = language === 'es' ? import('./refusals-es.js').then((refusals) => { translated = refusals.inSpanish; }, () => {}) : Promise.resolve();

/** Why something was refused, in the same language. */
export const reason = ({ message }) => translated(message);
