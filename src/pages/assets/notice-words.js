// Owns: what the kinds of notices are called where somebody chooses among them. A kind that this page does not know yet
// is still shown, by its own name.

import { either } from './either.js';

/** In English and, where a client may read it, in Spanish. */
const KINDS = {
  newMessage: ['A message that you have not read for a while', 'Un mensaje que lleva un tiempo sin leer'],
  threadAssigned: ['A conversation was given to you'],
  threadHandedOver: ['A conversation was handed over to you'],
  threadWaiting: ['A message waits, and nobody has taken it yet'],
  emergency: ['Emergencies', 'Emergencias'],
  coverageHole: ['A time of the coming week at which nobody would be called'],
  appointmentRequested: ['Somebody asks for an appointment'],
  appointmentConfirmed: ['An appointment is confirmed', 'Se confirmó una cita'],
  appointmentChanged: ['An appointment has changed', 'Se cambió una cita'],
  appointmentCancelled: ['An appointment is cancelled', 'Se canceló una cita'],
  appointmentReminder: ['Reminders of appointments', 'Recordatorios de citas'],
  appointmentOffered: ['A time became free for you', 'Quedó libre una hora para usted'],
  waitlistRemoved: ['The practice took you off its waitlist', 'El consultorio le quitó de su lista de espera'],
  documentReceived: ['A client handed in or signed a document'],
  signatureRequested: ['A document waits for your signature', 'Un documento espera su firma'],
  formAssigned: ['A form to fill in', 'Un formulario por completar'],
  formDue: ['A form is due', 'Vence un formulario'],
  formReviewed: ['A form was looked at', 'Se revisó un formulario'],
  assessmentAssigned: ['A questionnaire to answer', 'Un cuestionario por responder'],
  assessmentDue: ['A questionnaire is due', 'Vence un cuestionario'],
  documentShared: ['A document for you', 'Un documento para usted'],
  billIssued: ['A bill', 'Una factura'],
  paymentReceived: ['A payment arrived', 'Llegó un pago'],
  autopayFailed: ['A payment did not go through', 'No se pudo hacer un pago'],
  planEnded: ['Your practice ended a payment plan', 'Su consultorio terminó un plan de pagos'],
  refundFailed: ['A refund did not arrive'],
  paymentDisputed: ['A client’s bank took a payment back'],
  refillRequested: ['Somebody asks for a refill'],
  refillDecided: ['A refill was decided', 'Hay respuesta sobre una receta'],
  reminder: ['What you asked to be reminded of', 'Lo que pidió que se le recordara'],
  security: ['Signing in, passwords and other changes of your account', 'Inicios de sesión, contraseñas y otros cambios de su cuenta'],
};

export function kindWords(kind) {
  const [english, spanish] = KINDS[kind] ?? [kind.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)];
  return either(english, spanish ?? english);
}
