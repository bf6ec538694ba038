// Owns: showing clients who opened their record, when and in what role. The list comes from the audit log as it is;
// nothing is left out or made to look better here.

import { h } from './dom.js';
import { instant, record, Records } from './records.js';

const ROLES = { clinician: 'clinician', staff: 'front desk', admin: 'administrator' };

class AccessLog extends Records {
  empty = 'Nobody has opened your record yet.';
  path = 'portal/privacy/access-log';

  node({ at, by, action, outcome, emergency }) {
    return record({
      title: by ? h('bdi', {}, by.name ?? 'Somebody who has left') : OUTSIDE.has(action) ? 'Somebody who was not signed in' : 'Carehub itself',
      tags: [ROLES[by?.role] ?? by?.role, emergency && 'Emergency access', outcome === 'refused' && 'Refused'],
      lines: [
        outcome === 'refused' && action === 'session.begun' ? 'Tried to sign in as you' : words(action),
        emergency && 'Without being on your care team; a reason was given, and the practice was told.',
        instant(at),
      ],
    });
  }
}

/** `thread.viewed` as a person would say it. */
const WORDS = {
  'access.refused': 'Tried to open something of yours',
  'audit.viewed': 'Looked up who opened your record',
  'breakGlass.granted': 'Took emergency access to your record',
  'careTeam.joined': 'Let somebody into your care team',
  'careTeam.left': 'Took somebody out of your care team',
  'clients.listed': 'Saw your name in a list',
  'client.admitted': 'Put you on file',
  'careTeam.viewed': 'Looked up who is on your care team',
  'client.exported': 'Made a copy of your record',
  'client.proven': 'Proved to be you, to create your account',
  'client.registered': 'Opened your account',
  'consents.viewed': 'Looked at your consents',
  'draft.dropped': 'Dropped what they were writing to you',
  'draft.saved': 'Was writing to you',
  'draft.viewed': 'Opened the box to write to you',
  'emailChange.requested': 'Asked for another e-mail address',
  'email.changed': 'Changed your e-mail address',
  'emergencyContacts.changed': 'Changed your emergency contacts',
  'escalation.acknowledged': 'Took your emergency',
  'escalation.advanced': 'Called the next people about your emergency',
  'escalation.answered': 'Answered you in your emergency',
  'escalation.exhausted': 'Called everybody about your emergency, and nobody had answered',
  'escalation.handedOver': 'Handed your emergency over to somebody else',
  'escalation.joined': 'Added your further message to your emergency',
  'escalation.nobodyOnDuty': 'Found nobody on duty for your emergency',
  'escalation.nobodyReachable': 'Found nobody who could be reached for your emergency',
  'escalation.pageLost': 'Called somebody about your emergency, and the call was not delivered',
  'escalation.paged': 'Called somebody about your emergency',
  'escalation.personUnreached': 'Could not reach somebody about your emergency',
  'escalation.raised': 'Raised an emergency for you',
  'escalation.repeated': 'Began to call everybody again about your emergency',
  'escalation.reraised': 'Raised your emergency again, because whoever took it was silent',
  'escalation.resolved': 'Closed your emergency',
  'escalation.seen': 'Saw that your emergency needs somebody',
  'escalation.skipped': 'Had the next people called about your emergency',
  'escalation.started': 'Began to call people about your emergency',
  'escalation.viewed': 'Looked at your emergency',
  'escalations.listed': 'Saw your emergency in a list',
  'invitation.sent': 'Invited you',
  'legalHold.lifted': 'Lifted the legal hold on your record',
  'legalHold.placed': 'Placed a legal hold on your record: nothing of it is erased',
  'legalHold.viewed': 'Looked up whether a legal hold lies on your record',
  'message.sent': 'Wrote to you',
  'password.changed': 'Changed your password',
  'passwordReset.requested': 'Asked for a link to choose a new password for your account',
  'record.viewed': 'Looked at your profile and emergency contacts',
  'session.begun': 'Signed in as you',
  'session.ended': 'Signed you out',
  'thread.assigned': 'Gave a conversation with you to somebody',
  'thread.claimed': 'Took on a conversation with you',
  'thread.closed': 'Closed a conversation with you',
  'thread.opened': 'Began a conversation with you',
  'thread.reopened': 'Reopened a conversation with you',
  'thread.unassigned': 'Put a conversation with you back for everybody',
  'thread.viewed': 'Read a conversation with you',
  'threads.listed': 'Saw your conversations in a list',
  'threads.synchronised': 'Had your conversations brought up to date',
  'user.changed': 'Changed your account',
  'user.locked': 'Locked your account',
  'user.unlocked': 'Unlocked your account',
  'verification.requested': 'Asked for another link to confirm your e-mail address',
};
const words = (action) => WORDS[action] ?? action.replace('.', ' ').replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
/** What people do who have not shown yet who they are. */
const OUTSIDE = new Set(['session.begun', 'client.proven', 'client.registered', 'email.changed', 'passwordReset.requested', 'password.changed', 'verification.requested']);

customElements.define('care-access-log', AccessLog);
