// Owns: what the hub refuses on clients' pages, in Spanish; the hub itself speaks English. Loaded by either.js for those who
// read Spanish, and by nobody else.

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
  'A payment of yours is being processed. Wait until it is known what becomes of it.': 'Se está procesando un pago suyo. Espere a que se sepa qué pasa con él.',
  'Autopay takes from this card. Turn it off, or choose another card for it, first.': 'El pago automático cobra de esta tarjeta. Primero desactívelo o elija otra tarjeta para él.',
  'Your payment plan takes from this card. Cancel the plan first.': 'Su plan de pagos cobra de esta tarjeta. Primero cancele el plan.',
  'This Idempotency-Key stands for another payment. Use a new one.': 'Este intento era de otro pago. Vuelva a cargar la página.',
  'Cards are not taken here. The page of payments says what your practice takes.': 'Aquí no se aceptan tarjetas. La página de pagos dice cómo cobra su consultorio.',
  'The amount must be more than zero.': 'El importe tiene que ser mayor que cero.',
  'The amount is at most 999,999.99 (in cents: 99999999).': 'El importe puede ser como máximo 999,999.99.',
  'Choose a payment method.': 'Elija una forma de pago.',
  'Send back what is agreed to, word for word as the schedule said it.': 'El texto que se acepta cambió. Mire el calendario de pagos otra vez.',
  'Send back what is agreed to, word for word as it is asked.': 'El texto que se acepta cambió. Vuelva a cargar la página.',
  'Say in how many parts.': 'Diga en cuántas partes.',
  'Say how often.': 'Diga cada cuánto.',
  'Say when to begin.': 'Diga cuándo empezar.',
  'More parts: each is larger than one payment may be.': 'Más partes: cada una es mayor de lo que puede ser un pago.',
  'Choose a day that is nearer.': 'Elija un día más cercano.',
  'Say from which day to which.': 'Diga desde qué día hasta cuál.',
  'This plan is over already.': 'Este plan ya terminó.',
  'This card is not there any more. Choose another one.': 'Esta tarjeta ya no está. Elija otra.',
  'Too many calls in a short time. Wait a moment and try again.': 'Demasiados intentos en poco tiempo. Espere un momento e inténtelo de nuevo.',
  'The hub cannot store this right now. Nothing is lost: try again shortly.': 'En este momento no se puede guardar. No se pierde nada: inténtelo en un momento.',
  'Something went wrong on our side. It was logged; try again.': 'Algo falló de nuestro lado. Quedó anotado; inténtelo de nuevo.',
  'This time is not free any more. Choose another one.': 'Esa hora ya no está libre. Elija otra.',
  'The practice takes no requests here. Please call.': 'El consultorio no recibe solicitudes aquí. Por favor, llame.',
  'The practice does not show appointments here. Please call.': 'El consultorio no muestra las citas aquí. Por favor, llame.',
  'The practice has five requests of yours to answer. Cancel one, or wait a little.': 'El consultorio tiene cinco solicitudes suyas por responder. Cancele una o espere un poco.',
  'This offer is over: the time went to somebody else.': 'Este ofrecimiento terminó: la hora pasó a otra persona.',
  'This time is over. Choose another one.': 'Esa hora ya pasó. Elija otra.',
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
  'Sign by typing your name, or by drawing it.':
    'Firme escribiendo su nombre o dibujándolo.',
  'Say that you agree to the sentence above the signature.':
    'Diga que acepta la frase que está sobre la firma.',
  'Type your name in one line of at most 200 characters.':
    'Escriba su nombre en una línea de 200 caracteres como máximo.',
  'The drawing has too many lines. Clear it and sign once more.':
    'El dibujo tiene demasiadas líneas. Bórrelo y firme otra vez.',
  'The drawing reaches over its edge. Clear it and sign once more.':
    'El dibujo pasa de su borde. Bórrelo y firme otra vez.',
  'Type your name, as you sign with it.':
    'Escriba su nombre tal como firma.',
  'This version is not waiting for your signature any more. Look at the document again.':
    'Esta versión ya no espera su firma. Mire el documento de nuevo.',
  'Answer this question.':
    'Responda esta pregunta.',
  'Add a file.':
    'Agregue un archivo.',
  'The same file is there twice. Take one away.':
    'El mismo archivo está dos veces. Quite uno.',
  'A file is not here any more. Add it again.':
    'Un archivo ya no está aquí. Agréguelo de nuevo.',
  'Answer in words.':
    'Responda con palabras.',
  'This has to be plain text.':
    'Esto tiene que ser texto simple.',
  'This has to be one line of plain text.':
    'Esto tiene que ser una línea de texto simple.',
  'Enter a whole number.':
    'Escriba un número entero.',
  'Enter a number.':
    'Escriba un número.',
  'Enter a date that there is, such as 1990-02-28.':
    'Escriba una fecha que exista, como 1990-02-28.',
  'Choose one of the options.':
    'Elija una de las opciones.',
  'Choose among the options.':
    'Elija entre las opciones.',
  'This file is empty. Choose another one.':
    'Este archivo está vacío. Elija otro.',
  'This file is of two kinds at once, which harmful files often are. Save it anew and try again.':
    'Este archivo es de dos tipos a la vez, como suelen ser los dañinos. Guárdelo de nuevo e inténtelo otra vez.',
  'This file is damaged or not complete. Save it anew and try again.':
    'Este archivo está dañado o incompleto. Guárdelo de nuevo e inténtelo otra vez.',
  'This document is damaged or not complete. Save it anew and try again.':
    'Este documento está dañado o incompleto. Guárdelo de nuevo e inténtelo otra vez.',
  'This document holds macros, which are programs. Save it without them and try again.':
    'Este documento contiene macros, que son programas. Guárdelo sin ellas e inténtelo otra vez.',
  'This picture is damaged or not complete. Save it anew and try again.':
    'Esta imagen está dañada o incompleta. Guárdela de nuevo e inténtelo otra vez.',
  'This picture has more than 20 million pixels. Make it smaller and try again.':
    'Esta imagen tiene más de 20 millones de píxeles. Hágala más pequeña e inténtelo otra vez.',
  'This picture is too large. Make it smaller and try again.':
    'Esta imagen es demasiado grande. Hágala más pequeña e inténtelo otra vez.',
  'The virus scanner found something harmful in this file. It was not kept. Check your device.':
    'El antivirus encontró algo dañino en este archivo. No se guardó. Revise su dispositivo.',
  'Files can be PDF, pictures (PNG, JPEG, GIF, WebP), plain text, and Word, Excel or PowerPoint documents without macros. Save it as one of these and try again.':
    'Los archivos pueden ser PDF, imágenes (PNG, JPEG, GIF, WebP), texto simple y documentos de Word, Excel o PowerPoint sin macros. Guárdelo así e inténtelo otra vez.',
  'A file may have at most 25 MiB. Make it smaller, or send it in parts.':
    'Un archivo puede tener como máximo 25 MiB. Hágalo más pequeño o envíelo en partes.',
  'A file can have at most 25 MiB. Make it smaller, or send it in parts.':
    'Un archivo puede tener como máximo 25 MiB. Hágalo más pequeño o envíelo en partes.',
  'You have sent as many files as can be taken within a day. Try again tomorrow, or ask the practice.':
    'Ha enviado todos los archivos que se aceptan en un día. Inténtelo mañana o pregunte a su consultorio.',
  'The file did not arrive. Check your connection and try again.':
    'El archivo no llegó. Revise su conexión e inténtelo de nuevo.',
  'A colleague looks after this thread. You can read it.':
    'De esta conversación se ocupa otra persona. Puede leerla.',
  'This conversation is closed. Start a new one to write to your practice.':
    'Esta conversación está cerrada. Empiece una nueva para escribir a su consultorio.',
  'You cannot write in this conversation at the moment.':
    'En este momento no puede escribir en esta conversación.',
  'Write something first: the message is empty.':
    'Escriba algo primero: el mensaje está vacío.',
  'The message is longer than 8,000 characters. Split it in two.':
    'El mensaje tiene más de 8,000 caracteres. Divídalo en dos.',
  'A draft may have at most 8,000 characters. Shorten it to keep it.':
    'Un borrador puede tener como máximo 8,000 caracteres. Acórtelo para que se guarde.',
  'You wrote something else here on another device. Choose which text to keep, then send.':
    'Escribió algo distinto aquí en otro dispositivo. Elija qué texto conservar y después envíe.',
  'This window belongs to another sign-in. Reload it to go on.':
    'Esta ventana es de otra sesión. Vuelva a cargarla para continuar.',
  'Carehub is open in too many windows. Close some of them.':
    'Carehub está abierto en demasiadas ventanas. Cierre algunas.',
  'This is not your password. After several wrong ones your account is locked for half an hour.':
    'Esa no es su contraseña. Tras varias equivocadas su cuenta se bloquea media hora.',
  'A password has at least 12 characters: several words in a row make a good one.':
    'Una contraseña tiene al menos 12 caracteres: varias palabras seguidas hacen una buena.',
  'A password has at most 128 characters.':
    'Una contraseña tiene como máximo 128 caracteres.',
  'This password is made of names and words that others know of you or the practice. Use other words.':
    'Esta contraseña está hecha de nombres y palabras que otros saben de usted o del consultorio. Use otras palabras.',
  'This password is one of those that are tried first. Use several words that have nothing to do with each other.':
    'Esta contraseña es de las que se prueban primero. Use varias palabras que no tengan nada que ver entre sí.',
  'This is your address already.':
    'Esta ya es su dirección.',
  'This is no e-mail address: it looks like name@example.org.':
    'Esto no es un correo electrónico: uno es como name@example.org.',
  'At most five people can be named. Take one out.':
    'Se pueden nombrar como máximo cinco personas. Quite una.',
  'The text has changed. Read it as it is now, then decide.':
    'El texto cambió. Léalo como está ahora y después decida.',
  'Backup codes stand in for a second factor. Add an app or a passkey first.':
    'Los códigos de respaldo sustituyen a un segundo paso. Agregue primero una aplicación o una llave de acceso.',
  'There is nothing to confirm any more. Begin again and scan the new picture.':
    'Ya no hay nada que confirmar. Empiece de nuevo y escanee la imagen nueva.',
  'This passkey is not accepted here. Try again, or sign in with your password.':
    'Esta llave de acceso no se acepta aquí. Inténtelo de nuevo o inicie sesión con su contraseña.',
  'Give the passkey a name of 1 to 60 characters.':
    'Dé a la llave de acceso un nombre de 1 a 60 caracteres.',
  'Give the conversation a subject.':
    'Dé un asunto a la conversación.',
  'The subject is longer than 200 characters. Shorten it.':
    'El asunto tiene más de 200 caracteres. Acórtelo.',
  'The subject must be a single line of text.':
    'El asunto tiene que ser una sola línea de texto.',
  'Your device could not do this. Try again, or use your password.':
    'Su dispositivo no pudo hacerlo. Inténtelo de nuevo o use su contraseña.',
  'Nothing was done: it was cancelled, took too long, or this device has no passkey for your account.':
    'No se hizo nada: se canceló, tardó demasiado, o este dispositivo no tiene una llave de acceso para su cuenta.',
  'This device has a passkey for your account already.':
    'Este dispositivo ya tiene una llave de acceso para su cuenta.',
  'Passkeys work only at the practice’s own secure address.':
    'Las llaves de acceso funcionan solo en la dirección segura del consultorio.',
  'This file cannot be shown here. Download it to read it.':
    'Este archivo no se puede mostrar aquí. Descárguelo para leerlo.',
};

/** Those that hold a number or a day. */
const COUNTED = [
  [/^At least (\S+)\.$/, 'Como mínimo $1.'],
  [/^At most (\S+)\.$/, 'Como máximo $1.'],
  [/^Between (\S+) and (\S+)\.$/, 'Entre $1 y $2.'],
  [/^Between (\d+) and (\d+) parts\.$/, 'Entre $1 y $2 partes.'],
  [/^Fewer parts: each has to be at least (\S+)\.$/, 'Menos partes: cada una tiene que ser de al menos $1.'],
  [/^Choose a day from tomorrow to (\S+)\.$/, 'Elija un día desde mañana hasta el $1.'],
  [/^By card one can pay (.+) or more\.$/, 'Con tarjeta se puede pagar $1 o más.'],
  [/^This is more than is owed and not being paid yet: (.+)\.$/, 'Es más de lo que debe y no se está pagando ya: $1.'],
  [/^Choose at least (\d+)\.$/, 'Elija al menos $1.'],
  [/^Choose at most (\d+)\.$/, 'Elija como máximo $1.'],
  [/^At most (\d+) files\. Take one away\.$/, 'Como máximo $1 archivos. Quite uno.'],
  [/^Not before (\S+)\.$/, 'No antes del $1.'],
  [/^Not after (\S+)\.$/, 'No después del $1.'],
  [/^This can have at most (\d+) characters\. Shorten it\.$/, 'Esto puede tener como máximo $1 caracteres. Acórtelo.'],
];

/** What the hub says, in Spanish; as it is where no translation is known. */
export function inSpanish(message) {
  if (REFUSALS[message]) return REFUSALS[message];
  const [pattern, spanish] = COUNTED.find(([pattern]) => pattern.test(message)) ?? [];
  return pattern ? message.replace(pattern, spanish) : message;
}
