// Owns: what is special about registering: how somebody proves to be the practice's client, and the terms that they
// accept. What is proven is judged by the hub, whose answer is the same for everybody.

import { api } from './api.js';
import { given } from './fragment-token.js';
import { h } from './dom.js';

const page = document.querySelector('care-form[data-registration]');

/** Asks only for the proof that was chosen. */
function chosen(form) {
  const proof = form.querySelector('[name=proof]:checked').value;
  for (const part of form.querySelectorAll('[data-proof]')) {
    const shown = part.dataset.proof === proof;
    part.hidden = !shown;
    part.querySelectorAll('input').forEach((input) => { input.disabled = !shown; });
  }
}

async function terms(place, field) {
  try {
    const { version, text } = await api('GET', 'portal/auth/terms');
    field.value = version;
    place.replaceChildren(...text.split(/\n{2,}/).map((part) => h('p', {}, part)));
  } catch (problem) {
    place.replaceChildren(h('p', { class: 'failure' }, problem.message));
  }
}

if (page) {
  const { form } = page;
  const invitation = given();
  if (invitation) {
    form.querySelector('[name=proof][value=invitation]').checked = true;
    form.elements.invitation.value = invitation;
    form.querySelector('[data-proofs]').hidden = true;
  }
  form.addEventListener('change', ({ target }) => target.name === 'proof' && chosen(form));
  chosen(form);
  terms(form.querySelector('[data-terms]'), form.elements.acceptTerms);
}
