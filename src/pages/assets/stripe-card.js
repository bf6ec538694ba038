// Owns: Stripe's own script on a page: loading it, taking a card, and answering a bank. The number of a card stays in
// Stripe's fields: this file must never read one, and nothing here sends one to the hub.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';

let loading = null;

/** Stripe's script, loaded once. It is Stripe's, always the newest, from Stripe alone: the page's policy lets nothing else in. */
export function stripe({ script, publishableKey }) {
  loading ??= new Promise((resolve, reject) => {
    const failed = () => {
      loading = null;
      reject(new Error(either('The form for cards cannot be loaded. Check your connection and try again.', 'No se puede cargar el formulario de tarjetas. Revise su conexión e inténtelo de nuevo.')));
    };
    const element = h('script', { src: script, onload: () => (window.Stripe ? resolve(window.Stripe(publishableKey)) : failed()), onerror: failed });
    document.head.append(element);
  });
  return loading;
}

/** Lets the bank ask its customer, in Stripe's own window. What came of it says the hub. */
export async function answerBank(authentication) {
  await (await stripe(authentication)).confirmCardPayment(authentication.clientSecret);
}

/**
 * A form for a new card. No dialog: banks ask in a window of their own, which a dialog would lie over.
 * `added` is told Stripe's name of the card, `cancelled` that there is none.
 */
export function cardForm({ added, cancelled }) {
  const failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  const said = h('p', { class: 'hint', role: 'status' }, either('Loading…', 'Cargando…'));
  const place = h('div', { class: 'card-field', role: 'group', 'aria-label': either('Card number, expiry date and security code', 'Número, vencimiento y código de seguridad de la tarjeta') });
  const keep = button(either('Save this card', 'Guardar esta tarjeta'), { kind: 'primary', type: 'submit', disabled: true });
  const form = h('form', { class: 'stack card-form', novalidate: true }, place, said, failure,
    h('p', { class: 'hint' }, either('Stripe keeps the card for later payments. You can take it away at any time.', 'Stripe guarda la tarjeta para otros pagos. Puede quitarla en cualquier momento.')),
    h('div', { class: 'button-row' }, keep, button(either('Cancel', 'Cancelar'), { onclick: () => { form.remove(); cancelled(); } })));
  const show = (words) => {
    failure.textContent = words;
    failure.hidden = !words;
  };
  let ready = null;

  const begin = async () => {
    try {
      const permission = await api('POST', 'portal/payments/methods', { body: {} });
      const script = await stripe(permission);
      const card = script.elements().create('card', { style: { base: { fontSize: '16px', color: getComputedStyle(place).color } } });
      card.mount(place);
      ready = { script, card, permission };
      fill(said);
      keep.disabled = false;
    } catch (problem) {
      fill(said, button(either('Try again', 'Intentar de nuevo'), { kind: 'small', onclick: () => { fill(said, either('Loading…', 'Cargando…')); show(''); begin(); } }));
      show(reason(problem));
    }
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!ready || keep.disabled) return;
    keep.disabled = true;
    show('');
    fill(said, either('Saving the card…', 'Guardando la tarjeta…'));
    const { script, card, permission } = ready;
    try {
      const { error, setupIntent } = await script.confirmCardSetup(permission.clientSecret, { payment_method: { card } });
      if (!error) {
        form.remove();
        return added(setupIntent.payment_method);
      }
      show(error.message ?? either('This card was not taken. Check it, or use another one.', 'La tarjeta no fue aceptada. Revísela o use otra.'));
    } catch {
      show(either('Stripe cannot be reached. Check your connection and try again.', 'No se puede llegar a Stripe. Revise su conexión e inténtelo de nuevo.'));
    }
    fill(said);
    keep.disabled = false;
  });
  begin();
  return form;
}
