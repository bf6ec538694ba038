// Owns: what the practice does with an appointment: confirm, propose, take that back, move, check in, complete, note a missed one, cancel;
// and making one, or a series. Each says by an event that the schedule has changed.

import { api } from './api.js';
import { MODES, opensIn, timeOf } from './appointment-words.js';
import { clientSearch } from './client-search.js';
import { ask, field } from './dialog.js';
import { button, h } from './dom.js';
import { uuidV7 } from './ids.js';
import { me } from './page.js';
import { instantIn } from './rota-words.js';
import * as series from './series-acts.js';
import { say } from './toast.js';
import './slot-picker.js';

const SOON_MS = 2 * 3_600_000;
const changed = (words) => {
  document.dispatchEvent(new CustomEvent('care:appointments'));
  say(words);
};

/** The buttons that fit an appointment. */
export function acts(appointment) {
  const { id, state, client, clinician, startsAt, proposal } = appointment;
  const near = new Date(startsAt) - Date.now() < SOON_MS;
  const ahead = new Date(startsAt) > new Date();
  const waits = ['requested', 'rescheduled'].includes(state);
  const act = (words, kind, run) => button(words, { kind, 'aria-label': `${words}: ${client.name}, ${timeOf(appointment)}`, onclick: run });
  const step = (path, words) => () => run(`ehr/appointments/${id}/${path}`, words);
  return [
    waits && ahead && act('Confirm', 'small primary', step('confirm', 'Confirmed.')),
    state === 'confirmed' && near && act('Check in', 'small primary', step('check-in', `${client.name} is here.`)),
    ['confirmed', 'checkedIn'].includes(state) && near && act('Complete', 'small', step('complete', 'Noted that it took place.')),
    state === 'confirmed' && !ahead && act('Missed', 'small', () => missed(appointment)),
    clinician.id === me.id && opensIn(appointment) === 0 && act('Join', 'small', () => join(id)),
    ahead && (waits || ['proposed', 'confirmed'].includes(state)) && act('Propose another time', 'small', () => elsewhen(appointment, true)),
    proposal && act('Take the proposal back', 'small', step('withdraw', 'Taken back.')),
    ahead && state === 'confirmed' && act('Move', 'small', () => elsewhen(appointment, false)),
    (waits || ['proposed', 'confirmed', 'offered'].includes(state)) && act('Cancel', 'small', () => cancel(appointment)),
  ];
}

async function run(path, words) {
  try {
    await api('POST', path, { body: {} });
    changed(words);
  } catch (problem) {
    await ask({ title: 'Not done', content: [h('p', {}, problem.message)], confirm: 'All right', cancel: null });
    document.dispatchEvent(new CustomEvent('care:appointments'));
  }
}

async function missed(appointment) {
  const done = await ask({
    title: 'Nobody came?', content: [h('p', {}, `${appointment.client.name}, ${timeOf(appointment)}. This cannot be taken back.`)], confirm: 'Nobody came',
    act: () => api('POST', `ehr/appointments/${appointment.id}/no-show`, { body: {} }),
  });
  if (done) changed('Noted that nobody came.');
}

async function join(id) {
  try {
    location.assign((await api('GET', `ehr/appointments/${id}/join`)).url);
  } catch (problem) {
    await ask({ title: 'Not open', content: [h('p', {}, problem.message)], confirm: 'All right', cancel: null });
  }
}

async function elsewhen(appointment, proposes) {
  const slots = h('care-slots', { clinician: appointment.clinician.id, door: 'ehr' });
  const done = await ask({
    title: proposes ? 'Propose another time' : 'Move this appointment',
    content: [h('p', {}, `${appointment.client.name}, now ${timeOf(appointment)}.`), ...(proposes ? [] : series.scopes(appointment)), slots, ...(proposes ? [] : series.seriesFields(appointment)), h('p', { class: 'hint' }, proposes ? 'The client is told, and says whether it fits.' : 'The client is told.', proposes && appointment.state === 'confirmed' && ' Until then the appointment stays as it is, and both times are kept.')],
    confirm: proposes ? 'Propose it' : 'Move it',
    act: (data) => {
      if (!slots.value) throw new Error('Choose a time first.');
      if (!proposes) return series.move(appointment, slots.value, data);
      return api('POST', `ehr/appointments/${appointment.id}/propose`, { body: { startsAt: slots.value } });
    },
  });
  if (done) changed(proposes ? 'Proposed.' : series.outcome('Moved', done));
}

async function cancel(appointment) {
  const done = await ask({
    title: 'Cancel this appointment?', content: [h('p', {}, `${appointment.client.name}, ${timeOf(appointment)}. The client is told.`), ...series.scopes(appointment)],
    confirm: 'Cancel it', cancel: 'Keep it', kind: 'danger',
    act: (data) => series.cancel(appointment, data),
  });
  if (done) changed(series.outcome('Cancelled', done));
}

/** Makes an appointment, or a series. */
export async function make({ clinicians, clinician, day, zone }) {
  const id = uuidV7();
  const choose = (name, options, chosen) => h('select', { name }, ...options.map(([value, words]) => h('option', { value, selected: value === chosen }, words)));
  const made = await ask({
    title: 'New appointment',
    content: [
      ...clientSearch(),
      field('With', choose('clinician', clinicians.map((one) => [one.id, one.name]), clinician)),
      field('Begins', h('input', { type: 'datetime-local', name: 'at', required: true, value: `${day}T09:00` }), `As clocks at the practice show it (${zone}).`),
      field('Minutes', h('input', { type: 'number', name: 'minutes', min: 5, max: 480 }), 'Empty: as long as their appointments are.'),
      field('How?', choose('mode', Object.entries(MODES))),
      field('Comes again', choose('rule', [['', 'No'], ['FREQ=WEEKLY', 'Every week'], ['FREQ=WEEKLY;INTERVAL=2', 'Every two weeks'], ['FREQ=MONTHLY', 'Every month, on this day']])),
      field('How many in all', h('input', { type: 'number', name: 'count', min: 2, max: 53, value: 8 }), 'Where it comes again.'),
      h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'skip' }), 'Leave out times that are taken'),
    ],
    confirm: 'Make it',
    act: (data) => {
      const [rule, minutes] = [data.get('rule'), data.get('minutes')];
      if (!data.get('client')) throw new Error('Choose a client.');
      return api('POST', 'ehr/appointments', { body: {
        id, client: data.get('client'), clinician: data.get('clinician'), startsAt: instantIn(zone, data.get('at')), mode: data.get('mode'),
        ...(minutes && { minutes: Number(minutes) }),
        ...(rule && { rule: `${rule};COUNT=${data.get('count')}`, skipTaken: data.get('skip') === 'on' }),
      } });
    },
  });
  if (made) changed(made.skipped.length > 0 ? `Made; ${made.skipped.length} left out.` : 'Made.');
}
