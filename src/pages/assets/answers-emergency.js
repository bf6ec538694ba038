// Owns: the card that says where the emergency stands that a client's answers raised. The same card as in a
// conversation, fed by another call; without an emergency there is nothing to see.

import { h } from './dom.js';

/** Nothing is sent from here: answers are stored, or refused, by the questionnaire itself. */
const nothingSent = Object.assign(new EventTarget(), { state: 'none', left: false });

class AnswersEmergency extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    const card = h('care-emergency');
    this.append(card);
    const read = () => card.open(null, nothingSent, 'portal/assessments/emergency');
    document.addEventListener('care:danger', read);
    read();
  }
}

customElements.define('care-answers-emergency', AnswersEmergency);
