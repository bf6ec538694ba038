// Owns: building elements. Text always becomes text nodes; this file must never touch innerHTML,
// because everything that people write passes through here.

const SVG = 'http://www.w3.org/2000/svg';
const icons = new URL('./icons.svg', import.meta.url).pathname;

/** h('p', {class: 'hint', onclick: f}, 'words', child): false and null children are left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...present(children));
  return element;
}

/** Replaces what is in an element; leaves out what is false or null, like h. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

const present = (children) => children.flat().filter((child) => child !== false && child !== null && child !== undefined);

/** A picture from icons.svg, hidden from screen readers: words beside it must carry the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Words for screen readers alone. */
export const spoken = (...words) => h('span', { class: 'visually-hidden' }, ...words);

/** A button with a picture and words. */
export function button(words, { icon: picture, kind = '', ...attributes } = {}) {
  return h('button', { type: 'button', class: `button ${kind}`.trim(), ...attributes }, picture && icon(picture), words);
}
