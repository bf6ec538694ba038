// Owns: every word around a questionnaire that a client reads while answering, in each language that there are published
// questions in. Pure. It promises nothing that the hub does not do.

const EN = {
  language: 'en',
  loading: 'Loading…',
  gone: 'This questionnaire does not exist, or is not yours.',
  all: 'All questionnaires',
  again: 'Try again',
  due: (at) => `Please answer by ${at}.`,
  progress: (answered, asked) => `${answered} of ${asked} answered`,
  saved: 'All answers so far are saved. You can go on later, also on another device.',
  saving: 'Saving…',
  unsaved: 'Not saved yet: there is no connection. Your answers are kept on this page and saved as soon as it is back.',
  changed: 'These answers were changed on another device. Here they are as they are now.',
  clear: 'Take the answer back',
  submit: 'Send the answers',
  missing: (count) => (count === 1 ? 'One question is not answered yet.' : `${count} questions are not answered yet.`),
  answer: 'Please answer this question.',
  danger: {
    title: 'You do not have to be alone with this',
    text: 'These lines answer now, at any hour:',
    told: 'Your practice is called as soon as you send your answers. If you leave the page without sending them and this answer stays, it is called after 15 minutes, too. If you chose it by mistake, choose another one, and nobody is called.',
  },
  english: 'There is no published translation of these questions into your language that may be used here; they are in English.',
  done: {
    title: 'Thank you. Your answers have been sent.',
    score: (score, most, band) => `Your score is ${score} of ${most}: ${band}.`,
    meaning: 'A score is not a diagnosis. Talk about it with your clinician.',
    passed: 'Your care team reads your answers.',
    answers: 'What you answered',
  },
  closed: {
    missed: 'This one was not answered before the next one was due. Please answer that one instead.',
    cancelled: 'Your practice has taken this questionnaire back. There is nothing left to do.',
  },
  list: {
    nothing: 'There is nothing to answer at the moment.',
    none: 'You have not answered a questionnaire yet.',
    begin: 'Begin',
    goOn: 'Go on',
    look: 'Look at it',
    overdue: 'Overdue',
  },
};

const ES = {
  language: 'es',
  loading: 'Cargando…',
  gone: 'Este cuestionario no existe o no es suyo.',
  all: 'Todos los cuestionarios',
  again: 'Intentar de nuevo',
  due: (at) => `Responda antes del ${at}.`,
  progress: (answered, asked) => `${answered} de ${asked} respondidas`,
  saved: 'Sus respuestas hasta ahora están guardadas. Puede seguir más tarde, también en otro dispositivo.',
  saving: 'Guardando…',
  unsaved: 'Aún no se guardó: no hay conexión. Sus respuestas siguen en esta página y se guardarán en cuanto vuelva.',
  changed: 'Estas respuestas se cambiaron en otro dispositivo. Aquí están como quedaron.',
  clear: 'Quitar la respuesta',
  submit: 'Enviar las respuestas',
  missing: (count) => (count === 1 ? 'Falta una pregunta por responder.' : `Faltan ${count} preguntas por responder.`),
  answer: 'Por favor, responda esta pregunta.',
  danger: {
    title: 'No tiene que estar a solas con esto',
    text: 'Estas líneas responden ahora, a cualquier hora:',
    told: 'Se avisará a su consultorio en cuanto envíe sus respuestas. Si deja la página sin enviarlas y esta respuesta sigue ahí, también se le avisará a los 15 minutos. Si la eligió por error, elija otra y no se llamará a nadie.',
  },
  english: 'No hay una traducción publicada de estas preguntas a su idioma que pueda usarse aquí; están en inglés.',
  done: {
    title: 'Gracias. Sus respuestas se enviaron.',
    score: (score, most, band) => `Su puntuación es ${score} de ${most}: ${band.toLowerCase()}.`,
    meaning: 'Una puntuación no es un diagnóstico. Hable de ella con su terapeuta.',
    passed: 'Su equipo de atención lee sus respuestas.',
    answers: 'Lo que respondió',
  },
  closed: {
    missed: 'Este no se respondió antes de que llegara el siguiente. Responda ese, por favor.',
    cancelled: 'Su consultorio retiró este cuestionario. No queda nada por hacer.',
  },
  list: {
    nothing: 'No hay nada que responder por ahora.',
    none: 'Todavía no ha respondido ningún cuestionario.',
    begin: 'Empezar',
    goOn: 'Seguir',
    look: 'Ver',
    overdue: 'Atrasado',
  },
};

export const wordsIn = (language) => (language?.toLowerCase().startsWith('es') ? ES : EN);
