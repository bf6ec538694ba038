// Owns: how staff read of an emergency in one line: whose it is, how far the calling is, who has it. Pure.

import { shortTime, timeOfDay } from './time.js';

export const escalationPage = (id) => `/ehr/escalations/${id}`;

export const STATES = { raised: 'Raised', paging: 'Calling', acknowledged: 'Taken', exhausted: 'Nobody answered', resolved: 'Closed' };
const CAUSES = {
  button: 'The client pressed the emergency button.',
  phrase: 'A crisis phrase was found in what the client wrote.',
  assessment: 'An answer in an assessment means danger.',
  staff: 'A colleague raised it.',
};
/** Why it was raised. */
export const causeWords = ({ cause, drill }) => (drill ? 'A colleague started it, to practise.' : CAUSES[cause]);
export const TARGETS = { assigned: 'the assigned clinician', onCall: 'whoever is on call', backup: 'the backup on call', allClinicians: 'all clinicians' };
export const CHANNELS = { inApp: 'In Carehub', email: 'E-mail', sms: 'SMS', push: 'Push' };

const when = (at) => (shortTime(at) === timeOfDay(at) ? timeOfDay(at) : `${shortTime(at)}, ${timeOfDay(at)}`);

/** Who needs somebody. */
export function subject({ client, drill, state }) {
  if (drill) return 'DRILL: nobody is in danger.';
  if (state === 'acknowledged' || state === 'resolved') return `Emergency: ${client?.name ?? 'a client'}.`;
  return client?.name ? `Emergency: ${client.name} needs somebody now.` : 'Emergency: a client needs somebody now.';
}

/** How far it has come. */
export function progress(escalation, me) {
  const { state, raisedAt, acknowledgedBy, acknowledgedAt, exhaustedAt, handedTo, dueAt, step, round } = escalation;
  if (state === 'acknowledged') {
    const who = acknowledgedBy?.id === me.id ? 'You have' : `${acknowledgedBy?.name ?? 'A colleague'} has`;
    const asked = handedTo ? ` ${handedTo.id === me.id ? 'You were' : `${handedTo.name} was`} asked to take it over.` : '';
    return `${who} it${acknowledgedAt ? ` since ${when(acknowledgedAt)}` : ''}.${asked}`;
  }
  if (state === 'exhausted') return `Everybody was called and nobody answered${exhaustedAt ? ` until ${when(exhaustedAt)}` : ''}. The client was told to call.`;
  const due = dueAt ? ` Answer due by ${timeOfDay(dueAt)}.` : '';
  const stage = state === 'paging' && Number.isInteger(step) ? ` Calling, step ${step + 1}${round > 0 ? `, round ${round + 1}` : ''}.` : '';
  return `Raised ${raisedAt ? when(raisedAt) : 'just now'}.${stage}${due}`;
}
