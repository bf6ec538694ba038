// Owns: what the kinds of notices are called where somebody chooses among them. Pure. A kind that this page does not
// know yet is still shown, by its own name.

const KINDS = {
  newMessage: 'A message that you have not read for a while',
  threadAssigned: 'A conversation was given to you',
  threadHandedOver: 'A conversation was handed over to you',
  emergency: 'Emergencies',
  appointmentRequested: 'Somebody asks for an appointment',
  appointmentConfirmed: 'An appointment is confirmed',
  appointmentChanged: 'An appointment has changed',
  appointmentCancelled: 'An appointment is cancelled',
  appointmentReminder: 'Reminders of appointments',
  formAssigned: 'A form to fill in',
  formDue: 'A form is due',
  formReviewed: 'A form was looked at',
  documentShared: 'A document for you',
  documentReceived: 'A client handed in or signed a document',
  signatureRequested: 'A document waits for your signature',
  billIssued: 'A bill',
  paymentReceived: 'A payment arrived',
  autopayFailed: 'A payment did not go through',
  refillRequested: 'Somebody asks for a refill',
  refillDecided: 'A refill was decided',
  reminder: 'What you asked to be reminded of',
  security: 'Signing in, passwords and other changes of your account',
};

export const kindWords = (kind) => KINDS[kind] ?? kind.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
