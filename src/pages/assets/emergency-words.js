// Owns: every word that a client reads about an emergency, in each language that Carehub speaks. Pure. It promises
// nothing that the hub does not do: who was told and when an answer is due is read from the hub, never guessed here.
// Whom to turn to at once stands in the page, as the practice names it.

const clock = (language) => {
  const format = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
  return (at) => format.format(new Date(at));
};
/** "la 1:05", "las 2:05": in Spanish an hour has its article. */
const clockWithArticle = (language) => {
  const shown = clock(language);
  return (at) => `${/^1\D/.test(shown(at)) ? 'la' : 'las'} ${shown(at)}`;
};

/** A sentence that ends with "a.m." ends there. */
const sentence = (words) => words.replace(/\.\.(?= |$)/, '.');

const EN = {
  language: 'en',
  at: clock('en-US'),
  button: 'Emergency',
  confirm: {
    title: 'Is this an emergency?',
    now: 'If a life is in danger, do not wait for the practice. These numbers answer now:',
    happens: 'If you send it as an emergency:',
    steps: [
      'Your message goes into this conversation, marked as an emergency.',
      'Carehub calls people at the practice, one after another, until one of them says “I have it”.',
      'You see here who was told, who has seen it, who has it, and what happens if nobody answers.',
    ],
    limits: 'What the practice cannot do: send an ambulance or come to you. An answer may take several minutes. The numbers above are there now, at any hour.',
    what: 'What is happening? A few words are enough.',
    usual: 'I need help now.',
    send: 'Send as an emergency',
    back: 'Go back',
    offline: 'There is no connection at the moment. Nobody at the practice will be told until it is back. Please call.',
    tooLong: 'That is too long for one message. A few words are enough.',
  },
  call: (number) => `Call ${number}`,
  write: (number, word) => (word ? `Text ${word} to ${number}` : `Text ${number}`),
  callPractice: (phone) => `Call the practice: ${phone}`,
  region: 'Your emergency',
  drill: 'Drill',
  drillText: 'This is a drill. Nobody is in danger.',
  sending: {
    now: 'Sending your emergency…',
    title: 'Not sent yet',
    text: 'Your emergency message has not reached the practice. It goes out by itself as soon as there is a connection. Do not wait for it: call.',
  },
  refused: (why) => `Not sent: ${why} Please call.`,
  raised: {
    title: 'Your practice is being alerted',
    text: 'Carehub knows of the emergency. The first person at the practice is being told now; nobody has been told yet.',
  },
  paging: {
    title: 'The practice is being called',
    told: (who, at) => `${who} was told at ${at}.`,
    seen: (who, at) => `${who} has seen it, at ${at}.`,
    nobodySaw: 'Nobody has said yet that they have seen it.',
    due: (at) => `Somebody should say by ${at} that they have it. If nobody does, the next people are called.`,
    overdue: 'The time to answer is over. The next people are being called.',
  },
  acknowledged: {
    title: (who) => `${who} has it`,
    text: (who, at) => `${who} took your emergency at ${at} and will answer you here or by phone.`,
    due: (at) => `If you hear nothing by ${at}, others are called again.`,
  },
  exhausted: {
    title: 'Nobody at the practice has answered',
    text: (at) => `Everybody who could be called was called, until ${at}. Please do not wait any longer. Call now:`,
    still: 'The practice still sees your emergency, and this page tells you as soon as somebody has it.',
  },
  resolved: {
    title: 'This emergency is closed',
    text: (who, at) => (who ? `${who} closed it at ${at}.` : `It was closed at ${at}.`),
    again: 'If it begins again, press “Emergency” or call.',
    hide: 'Hide this',
  },
  somebody: 'Somebody at the practice',
  stale: (at) => `No connection. This is what was known at ${at}, and it may have changed. If you need somebody now, call.`,
  unknown: 'Where your emergency stands cannot be shown at the moment. If you need somebody now, call.',
  again: 'Try again',
};

const ES = {
  language: 'es',
  at: clockWithArticle('es-US'),
  button: 'Emergencia',
  confirm: {
    title: '¿Es una emergencia?',
    now: 'Si hay una vida en peligro, no espere al consultorio. Estos números responden ahora:',
    happens: 'Si lo envía como emergencia:',
    steps: [
      'Su mensaje llega a esta conversación, marcado como emergencia.',
      'Carehub llama a las personas del consultorio, una tras otra, hasta que una diga «yo me encargo».',
      'Aquí verá a quién se avisó, quién lo ha visto, quién se encarga y qué ocurre si nadie responde.',
    ],
    limits: 'Lo que el consultorio no puede hacer: enviar una ambulancia o ir a donde usted está. La respuesta puede tardar varios minutos. Los números de arriba están ahí ahora, a cualquier hora.',
    what: '¿Qué está pasando? Bastan unas pocas palabras.',
    usual: 'Necesito ayuda ahora.',
    send: 'Enviar como emergencia',
    back: 'Volver',
    offline: 'En este momento no hay conexión. No se avisará a nadie del consultorio hasta que vuelva. Por favor, llame.',
    tooLong: 'Es demasiado largo para un solo mensaje. Bastan unas pocas palabras.',
  },
  call: (number) => `Llamar al ${number}`,
  write: (number, word) => (word ? `Enviar ${word} al ${number}` : `Mensaje de texto al ${number}`),
  callPractice: (phone) => `Llamar al consultorio: ${phone}`,
  region: 'Su emergencia',
  drill: 'Simulacro',
  drillText: 'Es un simulacro. Nadie está en peligro.',
  sending: {
    now: 'Enviando su emergencia…',
    title: 'Aún no enviado',
    text: 'Su mensaje de emergencia no ha llegado al consultorio. Saldrá por sí solo en cuanto haya conexión. No espere: llame.',
  },
  refused: (why) => `No se envió: ${why} Por favor, llame.`,
  raised: {
    title: 'Se está alertando a su consultorio',
    text: 'Carehub sabe de la emergencia. Se está avisando a la primera persona del consultorio; aún no se ha avisado a nadie.',
  },
  paging: {
    title: 'Se está llamando al consultorio',
    told: (who, at) => sentence(`Se avisó a ${who} a ${at}.`),
    seen: (who, at) => sentence(`${who} lo vio a ${at}.`),
    nobodySaw: 'Nadie ha dicho todavía que lo ha visto.',
    due: (at) => `Alguien debe decir antes de ${at} que se encarga. Si nadie lo hace, se llama a las siguientes personas.`,
    overdue: 'El tiempo para responder terminó. Se está llamando a las siguientes personas.',
  },
  acknowledged: {
    title: (who) => `${who} se encarga`,
    text: (who, at) => `${who} tomó su emergencia a ${at} y le responderá aquí o por teléfono.`,
    due: (at) => `Si no recibe respuesta antes de ${at}, se vuelve a llamar a otras personas.`,
  },
  exhausted: {
    title: 'Nadie del consultorio ha respondido',
    text: (at) => sentence(`Se llamó a todas las personas posibles, hasta ${at}. Por favor, no espere más. Llame ahora:`),
    still: 'El consultorio sigue viendo su emergencia, y esta página le avisará en cuanto alguien se encargue.',
  },
  resolved: {
    title: 'Esta emergencia está cerrada',
    text: (who, at) => sentence(who ? `${who} la cerró a ${at}.` : `Se cerró a ${at}.`),
    again: 'Si vuelve a empezar, oprima «Emergencia» o llame.',
    hide: 'Ocultar',
  },
  somebody: 'Alguien del consultorio',
  stale: (at) => `Sin conexión. Esto es lo que se sabía a ${at}; puede haber cambiado. Si necesita a alguien ahora, llame.`,
  unknown: 'En este momento no se puede mostrar el estado de su emergencia. Si necesita a alguien ahora, llame.',
  again: 'Intentar de nuevo',
};

const LANGUAGES = { en: EN, es: ES };

/** The words for somebody's language; English where Carehub does not speak it. */
export const wordsFor = (language) => LANGUAGES[String(language ?? '').slice(0, 2).toLowerCase()] ?? EN;
