// Owns: showing who looks after a client, and letting colleagues in and out of the team.

import { api } from './api.js';
import { ask } from './dialog.js';
import { button, fill, h } from './dom.js';
import { record } from './records.js';
import { ROLES } from './role-words.js';

/** Resolves with true when the team changed. */
export async function careTeam({ id, name }) {
  const list = h('ul', { class: 'records', 'aria-label': 'Care team' });
  const choice = h('select', { 'aria-label': 'A colleague to let in' });
  const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  const at = `ehr/clients/${id}/care-team`;
  let changed = false;

  const change = async (method, path, body) => {
    failure.hidden = true;
    try {
      await api(method, path, { body });
      changed = true;
      await draw();
    } catch (problem) {
      failure.textContent = problem.message;
      failure.hidden = false;
    }
  };
  const draw = async () => {
    const [{ items: team }, { items: colleagues }] = await Promise.all([api('GET', at), api('GET', 'ehr/colleagues')]);
    const inside = new Set(team.map((member) => member.id));
    fill(list, team.map((member) => record({
      title: member.name,
      tags: [ROLES[member.role] ?? member.role],
      actions: [button('Take out', { kind: 'small', 'aria-label': `Take ${member.name} out`, onclick: () => change('DELETE', `${at}/${member.id}`) })],
    })));
    if (team.length === 0) fill(list, h('li', { class: 'hint' }, 'Nobody yet.'));
    fill(choice, h('option', { value: '' }, 'Choose a colleague'),
      colleagues.filter((one) => !inside.has(one.id)).map((one) => h('option', { value: one.id }, `${one.name}, ${ROLES[one.role] ?? one.role}`)));
  };

  try {
    await draw();
  } catch (problem) {
    await ask({ title: `Care team of ${name}`, content: [h('p', {}, problem.code === 'notFound' ? 'Only the team itself and the front desk can see and change who is in it. Ask one of them to let you in.' : problem.message)], confirm: 'All right', cancel: null });
    return false;
  }
  await ask({
    title: `Care team of ${name}`,
    content: [
      h('p', {}, 'Those in the team see the client’s whole record. Whoever is taken out leaves all conversations with this client.'),
      list, failure,
      h('div', { class: 'button-row' }, choice, button('Let in', { onclick: () => choice.value && change('POST', at, { user: choice.value }) })),
    ],
    confirm: 'Done',
    cancel: null,
  });
  return changed;
}
