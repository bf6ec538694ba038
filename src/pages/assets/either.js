// Owns: which of two wordings somebody reads. Clients read what is about emergencies and notices in English or Spanish;
// the practice's pages, and those before signing in, are in English.

const { door, userLanguage } = document.body.dataset;

/** The language of what `either` gives. */
export const language = door === 'portal' && /^es\b/i.test(userLanguage) ? 'es' : 'en';

export const either = (english, spanish) => (language === 'es' ? spanish : english);

const whole = new Intl.DateTimeFormat(either(undefined, 'es-US'), { dateStyle: 'medium', timeStyle: 'short' });

/** An instant, in the same language. */
export const when = (at) => whole.format(new Date(at));

/** What the hub refuses on these pages; the hub itself speaks English. */
const REFUSALS = {
  'Carehub cannot be reached. Check your connection.': 'No se puede llegar a Carehub. Revise su conexión.',
  'Enter the number with its country, such as +1 512 555 0123.': 'Escriba el número con su país, como +1 512 555 0123.',
  'This is your number already.': 'Este ya es su número.',
  'This is not the code. Look at the newest message.': 'Ese no es el código. Mire el mensaje más reciente.',
  'This code is over. Enter the number again to get a new one.': 'Este código ya no sirve. Escriba el número otra vez para recibir uno nuevo.',
  'Text messages are not set up here. Your practice can tell you more.': 'Aquí no hay mensajes de texto. Su consultorio puede decirle más.',
  'A payment plan is running already. Cancel it before you make another.': 'Ya hay un plan de pagos en curso. Cancélelo antes de hacer otro.',
  'Nothing is owed, so there is nothing to plan.': 'No debe nada, así que no hay nada que planear.',
  'What is owed has changed meanwhile: look at the schedule again.': 'Lo que debe cambió mientras tanto: mire el calendario de pagos otra vez.',
  'This plan is over already.': 'Este plan ya terminó.',
  'This card is not there any more. Choose another one.': 'Esta tarjeta ya no está. Elija otra.',
  'Too many calls in a short time. Wait a moment and try again.': 'Demasiados intentos en poco tiempo. Espere un momento e inténtelo de nuevo.',
  'The hub cannot store this right now. Nothing is lost: try again shortly.': 'En este momento no se puede guardar. No se pierde nada: inténtelo en un momento.',
  'Something went wrong on our side. It was logged; try again.': 'Algo falló de nuestro lado. Quedó anotado; inténtelo de nuevo.',
  'This e-mail address and password do not match. Check both and try again; after several failed tries an account is locked for half an hour.':
    'La contraseña no es correcta. Revísela e inténtelo de nuevo; tras varios intentos fallidos la cuenta se bloquea media hora.',
};

/** Why something was refused. */
export const reason = ({ message }) => either(message, REFUSALS[message] ?? message);
