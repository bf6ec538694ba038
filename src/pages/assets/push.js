// Owns: letting this browser be woken up when something waits. What wakes it says nothing; the words are in Carehub.
// It never asks for permission before a press.

import { api } from './api.js';
import { button, fill, h } from './dom.js';
import { door } from './page.js';

const WORKER = '/push-worker.js';
const able = 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

class Push extends HTMLElement {
  #place = h('div', { class: 'stack' }, h('p', { role: 'status' }, 'Loading…'));
  #failure = h('p', { class: 'failure', role: 'alert', hidden: true });

  connectedCallback() {
    this.append(this.#place, this.#failure);
    this.#read();
  }

  async #read() {
    if (!able) return fill(this.#place, h('p', {}, 'This browser cannot be woken up. Use an installed, current one, or text messages.'));
    const subscription = await this.#subscription();
    const blocked = Notification.permission === 'denied';
    fill(this.#place,
      h('p', {}, subscription
        ? 'This device is told when something waits for you, even while Carehub is closed. It shows no words of anybody.'
        : 'This device can be told when something waits for you, even while Carehub is closed.'),
      blocked && h('p', { class: 'warning' }, 'Notifications of this site are blocked in the browser. Allow them in its settings, then come back.'),
      h('div', {}, subscription
        ? button('Stop telling this device', { onclick: () => this.#run(() => this.#stop(subscription)) })
        : button('Tell this device', { kind: 'primary', disabled: blocked, onclick: () => this.#run(() => this.#start()) })));
  }

  async #subscription() {
    const worker = await navigator.serviceWorker.getRegistration('/').catch(() => null);
    return worker?.pushManager.getSubscription() ?? null;
  }

  async #start() {
    if (await Notification.requestPermission() !== 'granted') throw new Error('The browser was not allowed to show notifications.');
    const { publicKey } = await api('GET', `${door}/push-key`);
    await navigator.serviceWorker.register(WORKER, { scope: '/' });
    const worker = await navigator.serviceWorker.ready;
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
    await api('POST', `${door}/push-subscriptions`, { body: wire(subscription) });
  }

  async #stop(subscription) {
    await api('DELETE', `${door}/push-subscriptions`, { body: { endpoint: subscription.endpoint } });
    await subscription.unsubscribe();
  }

  async #run(act) {
    this.#failure.hidden = true;
    try {
      await act();
    } catch (problem) {
      this.#failure.textContent = problem.message;
      this.#failure.hidden = false;
    }
    await this.#read();
  }
}

const wire = (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys };
};

customElements.define('care-push', Push);
