// Owns: which of two wordings somebody reads. Clients read what is about emergencies, notices, appointments and
// questionnaires in English or Spanish; the practice's pages, and those before signing in, are in English.

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
  'Too many calls in a short time. Wait a moment and try again.': 'Demasiados intentos en poco tiempo. Espere un momento e inténtelo de nuevo.',
  'The hub cannot store this right now. Nothing is lost: try again shortly.': 'En este momento no se puede guardar. No se pierde nada: inténtelo en un momento.',
  'Something went wrong on our side. It was logged; try again.': 'Algo falló de nuestro lado. Quedó anotado; inténtelo de nuevo.',
  'This time is not free any more. Choose another one.': 'Esa hora ya no está libre. Elija otra.',
  'The practice takes no requests here. Please call.': 'El consultorio no recibe solicitudes aquí. Por favor, llame.',
  'The practice does not show appointments here. Please call.': 'El consultorio no muestra las citas aquí. Por favor, llame.',
  'The practice has five requests of yours to answer. Cancel one, or wait a little.': 'El consultorio tiene cinco solicitudes suyas por responder. Cancele una o espere un poco.',
  'This offer is over: the time went to somebody else.': 'Este ofrecimiento terminó: la hora pasó a otra persona.',
  'This time is over. Ask for another one.': 'Esa hora ya pasó. Pida otra.',
  'This cannot be done with the appointment as it stands now. Look again.': 'La cita ha cambiado y esto ya no se puede hacer. Mírela otra vez.',
  'This appointment has begun: it cannot be cancelled or moved any more.': 'Esta cita ya empezó: no se puede cancelar ni cambiar.',
  'This is done by telephone: please call the practice.': 'Esto se hace por teléfono: por favor, llame al consultorio.',
  'It is late: cancelling or moving this appointment costs a fee. Send acceptFee to agree to it.': 'Ya es tarde: cancelar o cambiar esta cita tiene un cargo.',
  'You can join from ten minutes before the appointment begins.': 'Puede entrar desde diez minutos antes de que empiece la cita.',
  'This appointment is over.': 'Esta cita ya terminó.',
  'This appointment is not confirmed.': 'Esta cita no está confirmada.',
  'The practice has not set up a place to meet yet. Please call.': 'El consultorio aún no ha preparado dónde encontrarse. Por favor, llame.',
  'Choose somebody of your practice who takes appointments.': 'Elija a alguien de su consultorio que dé citas.',
  'At most 1,000 characters.': 'Como máximo 1,000 caracteres.',
  'This was submitted already. What was submitted is not changed.': 'Esto ya se envió. Lo enviado no se cambia.',
  'The next one is here already: answer that one instead.': 'Ya llegó el siguiente: responda ese.',
  'Your practice has taken this back. Nothing is left to be done.': 'Su consultorio lo retiró. No queda nada por hacer.',
  'This e-mail address and password do not match. Check both and try again; after several failed tries an account is locked for half an hour.':
    'La contraseña no es correcta. Revísela e inténtelo de nuevo; tras varios intentos fallidos la cuenta se bloquea media hora.',
};

/** Why something was refused. */
export const reason = ({ message }) => either(message, REFUSALS[message] ?? message);
