// Owns: signing: saying that one agrees, and typing one's name or drawing it. What is drawn is a list of points; it is
// shown as lines made of them, here and wherever it is read again. Whoever uses no pointer types.

import { button, fill, h } from './dom.js';
import { either } from './either.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 1_000;
const HEIGHT = 300;
/** A drawing stays below what the hub takes. */
const MOST_POINTS = 3_500;

const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));

/** Lines of points as a picture. */
export function drawing(strokes, label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('class', 'signature');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.append(...strokes.map(line));
  return svg;
}

function line(points) {
  const polyline = document.createElementNS(SVG, 'polyline');
  // A dot is a line that is hardly there.
  const all = points.length === 1 ? [points[0], [points[0][0] + 1, points[0][1]]] : points;
  polyline.setAttribute('points', all.map(([x, y]) => `${x},${y}`).join(' '));
  return polyline;
}

/** The field of a signature: its node, and what it was told to show. `change(answer)` hears every change. */
export function signaturePad({ id, intent, change }) {
  let drawn = [];
  const agrees = h('input', { type: 'checkbox', id });
  const typed = h('input', { type: 'text', maxlength: 200, autocomplete: 'name', dir: 'auto' });
  const pad = drawing([], either('What you have drawn', 'Lo que ha dibujado'));
  const way = (value, words, checked) => h('label', {}, h('input', { type: 'radio', name: `${id}-way`, value, checked, onchange: show }), words);
  const ways = h('fieldset', { class: 'doors' }, h('legend', { class: 'visually-hidden' }, either('How to sign', 'Cómo firmar')),
    way('typed', either('Type my name', 'Escribir mi nombre'), true), way('drawn', either('Draw', 'Dibujar'), false));
  const byName = h('label', { class: 'field' }, h('span', {}, either('Your full name', 'Su nombre completo')), typed);
  const clear = button(either('Clear', 'Borrar'), { kind: 'small', onclick: () => { drawn = []; draw(); tell(); } });
  const byHand = h('div', { class: 'stack', hidden: true }, h('p', { class: 'hint' }, either('Draw your signature with a finger, pen or mouse. If you cannot draw, type your name instead.', 'Dibuje su firma con un dedo, un lápiz o el ratón. Si no puede dibujar, escriba su nombre.')), pad, h('div', {}, clear));
  const node = h('div', { class: 'stack' }, h('p', { class: 'intent' }, intent),
    h('label', { class: 'choice' }, agrees, h('span', {}, either('I agree', 'Acepto'))), ways, byName, byHand);

  function show() {
    const hand = ways.querySelector('[value=drawn]').checked;
    byName.hidden = hand;
    byHand.hidden = !hand;
    tell();
  }

  function tell() {
    const hand = ways.querySelector('[value=drawn]').checked;
    const answer = { ...(agrees.checked && { agrees: true }), ...(!hand && typed.value && { typed: typed.value }), ...(hand && drawn.length > 0 && { drawn }) };
    change(Object.keys(answer).length > 0 ? answer : null);
  }

  const draw = () => fill(pad, ...drawn.map(line));
  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    return [within(((clientX - left) / width) * WIDTH, WIDTH), within(((clientY - top) / height) * HEIGHT, HEIGHT)];
  };
  pad.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    drawn = [...drawn, [point(event)]];
    draw();
  });
  pad.addEventListener('pointermove', (event) => {
    if (!pad.hasPointerCapture(event.pointerId) || drawn.flat().length >= MOST_POINTS) return;
    const [x, y] = point(event);
    const [lastX, lastY] = drawn.at(-1).at(-1);
    if (Math.hypot(x - lastX, y - lastY) < 4) return;
    drawn = [...drawn.slice(0, -1), [...drawn.at(-1), [x, y]]];
    draw();
  });
  pad.addEventListener('pointerup', tell);
  agrees.addEventListener('change', tell);
  typed.addEventListener('input', tell);

  return {
    node,
    focus: () => agrees.focus(),
    set(answer) {
      agrees.checked = Boolean(answer?.agrees);
      typed.value = answer?.typed ?? '';
      drawn = answer?.drawn ?? [];
      ways.querySelector(`[value=${drawn.length > 0 ? 'drawn' : 'typed'}]`).checked = true;
      byName.hidden = drawn.length > 0;
      byHand.hidden = drawn.length === 0;
      draw();
    },
  };
}
