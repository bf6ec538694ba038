// Owns: letting this browser be woken up when something waits. What wakes it says nothing; the words are in Carehub.
// It never asks for permission before a press.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { either, reason } from './either.js';
import { door } from './page.js';

const WORKER = '/push-worker.js';
/** Where the browser's own push service cannot be reached, a browser may wait for it for ever. */
const ANSWER_WITHIN_MS = 10_000;
const able = 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

class Push extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, either('Loading…', 'Cargando…')));
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });
  #busy = h('p', { class: 'hint', role: 'status' });

  connectedCallback() {
    this.append(this.#place, this.#busy, this.#failure);
    this.#read();
  }

  async #read() {
    if (!able) return fill(this.#place, h('p', {}, either('This browser cannot be woken up. Use an installed, current one, or text messages.',
      'A este navegador no se le puede avisar. Use uno instalado y actual, o mensajes de texto.')));
    const subscription = await this.#subscription();
    const blocked = Notification.permission === 'denied';
    fill(this.#place,
      h('p', {}, subscription
        ? either('This device is told when something waits for you, even while Carehub is closed. It shows no words of anybody.',
          'Este dispositivo le avisa cuando algo le espera, también con Carehub cerrado. No muestra palabras de nadie.')
        : either('This device can be told when something waits for you, even while Carehub is closed.',
          'Este dispositivo puede avisarle cuando algo le espera, también con Carehub cerrado.')),
      blocked && h('p', { class: 'warning' }, either('Notifications of this site are blocked in the browser. Allow them in its settings, then come back.',
        'Los avisos de este sitio están bloqueados en el navegador. Permítalos en sus ajustes y vuelva.')),
      h('div', {}, subscription
        ? button(either('Stop telling this device', 'No avisar más a este dispositivo'), { onclick: () => this.#run(() => this.#stop(subscription)) })
        : button(either('Tell this device', 'Avisar a este dispositivo'), { kind: 'primary', disabled: blocked, onclick: () => this.#run(() => this.#start()) })));
  }

  async #subscription() {
    const worker = await navigator.serviceWorker.getRegistration('/').catch(() => null);
    return worker?.pushManager.getSubscription() ?? null;
  }

  async #start() {
    if (await Notification.requestPermission() !== 'granted') throw new Error(either('The browser was not allowed to show notifications.', 'No se permitió al navegador mostrar avisos.'));
    const { publicKey } = await api('GET', `${door}/push-key`);
    await navigator.serviceWorker.register(WORKER, { scope: '/' });
    const worker = await navigator.serviceWorker.ready;
    const subscription = await inTime(worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey }));
    try {
      await api('POST', `${door}/push-subscriptions`, { body: wire(subscription) });
    } catch (problem) {
      // What the hub does not know of would never be woken, and say that it is.
      await subscription.unsubscribe();
      throw problem;
    }
  }

  async #stop(subscription) {
    await api('DELETE', `${door}/push-subscriptions`, { body: { endpoint: subscription.endpoint } });
    await subscription.unsubscribe();
  }

  async #run(act) {
    this.#failure.hidden = true;
    this.#place.inert = true;
    this.#busy.textContent = either('One moment…', 'Un momento…');
    try {
      await act();
    } catch (problem) {
      this.#failure.textContent = reason(problem);
      this.#failure.hidden = false;
    }
    this.#busy.textContent = '';
    this.#place.inert = false;
    await this.#read();
    this.#place.querySelector('button')?.focus();
  }
}

/** A browser says in its own words, or not at all, that its push service is not there. */
async function inTime(subscribing) {
  const late = new Promise((_, reject) => setTimeout(reject, ANSWER_WITHIN_MS));
  try {
    return await Promise.race([subscribing, late]);
  } catch {
    subscribing.then((subscription) => subscription.unsubscribe(), () => {});
    throw new Error(either('The browser’s push service does not answer. Try again later, or choose text messages or e-mails.',
      'El servicio de avisos del navegador no responde. Inténtelo más tarde, o elija mensajes de texto o correos.'));
  }
}

const wire = (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys };
};

customElements.define('care-push', Push);
