// Owns: which of two wordings somebody reads. Clients read what is about emergencies, notices, appointments,
// questionnaires, documents, forms and billing in English or Spanish; the practice's pages, and those before signing in,
// are in English.

const { door, userLanguage } = document.body.dataset;

/** The language of what `either` gives. */
export const language = door === 'portal' && /^es\b/i.test(userLanguage) ? 'es' : 'en';

export const either = (english, spanish) => (language === 'es' ? spanish : english);

const whole = new Intl.DateTimeFormat(either(undefined, 'es-US'), { dateStyle: 'medium', timeStyle: 'short' });

/** An instant, in the same language. */
export const when = (at) => whole.format(new Date(at));

let translated = (message) => message;
// Nobody is refused anything before this is there: it takes an act of theirs and an answer of the hub.
if (language === 'es') import('./refusals-es.js').then((refusals) => { translated = refusals.inSpanish; });

/** Why something was refused, in the same language. */
export const reason = ({ message }) => translated(message);
