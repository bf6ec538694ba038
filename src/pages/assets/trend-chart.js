// Owns: a chart of scores over time as SVG, with its bands as named stripes, and the same as a table beside it for those
// who do not see it. Nothing in it is said by colour alone. Pure, but for the width it is drawn at.

import { h } from './dom.js';
import { either } from './either.js';

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 260;
const NARROWEST = 260;
const WIDEST = 760;
const MARGIN = { top: 12, right: 16, bottom: 28, left: 34 };

const LOCALE = either(undefined, 'es-US');
const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });

function s(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The chart of a trend, `width` pixels wide. */
export function chart({ name, most, bands, points }, width) {
  const wide = Math.min(Math.max(width, NARROWEST), WIDEST);
  const [left, right, top, bottom] = [MARGIN.left, wide - MARGIN.right, MARGIN.top, HEIGHT - MARGIN.bottom];
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0], times.at(-1)];
  // One point stands in the middle.
  const x = (at) => (first === last ? (left + right) / 2 : left + ((at - first) / (last - first)) * (right - left));
  const y = (score) => bottom - (score / most) * (bottom - top);
  const stripes = bands.flatMap((band, at) => {
    const [low, high] = [y(band.from), at + 1 < bands.length ? y(bands[at + 1].from) : top];
    return [
      s('rect', { class: `stripe stripe-${at % 2}`, x: left, y: high, width: right - left, height: Math.max(low - high, 0) }),
      s('line', { class: 'band-line', x1: left, x2: right, y1: low, y2: low }),
      s('text', { class: 'axis', x: left - 6, y: low + 4, 'text-anchor': 'end' }, String(band.from)),
    ];
  });
  // Over the line, so that it crosses out no name.
  const names = bands.map((band, at) => {
    const middle = (y(band.from) + (at + 1 < bands.length ? y(bands[at + 1].from) : top)) / 2;
    return s('text', { class: 'band-name', x: left + 12, y: middle + 4 }, band.name);
  });
  const places = points.map((point, at) => ({ ...point, x: x(times[at]), y: y(point.score) }));
  const marks = places.map((one) => s('g', { class: one.danger ? 'point danger' : 'point' },
    one.danger ? s('path', { d: `M${one.x} ${one.y - 8}l8 14h-16z` }) : s('circle', { cx: one.x, cy: one.y, r: 5 }),
    s('title', {}, `${whole.format(new Date(one.at))}: ${one.score}`)));
  const ends = first === last ? [places[0]] : [places[0], places.at(-1)];
  const dates = ends.map((one, at) => s('text', { class: 'axis', x: one.x, y: HEIGHT - 8, 'text-anchor': ends.length === 1 ? 'middle' : at === 0 ? 'start' : 'end' }, day.format(new Date(one.at))));
  return s('svg', { class: 'trend', viewBox: `0 0 ${wide} ${HEIGHT}`, width: wide, height: HEIGHT, role: 'img', 'aria-label': spoken({ name, most, bands, points }) },
    ...stripes, s('text', { class: 'axis', x: left - 6, y: top + 4, 'text-anchor': 'end' }, String(most)),
    s('polyline', { class: 'trend-line', points: places.map((one) => `${one.x},${one.y}`).join(' ') }), ...names, ...marks, ...dates);
}

/** What the chart shows, in one sentence. */
function spoken({ name, most, points }) {
  const [first, last] = [points[0], points.at(-1)];
  const said = ({ score, at }) => `${score} ${either('on', 'el')} ${whole.format(new Date(at))}`;
  if (points.length === 1) return `${name}: ${said(first)}, ${either('of at most', 'de como máximo')} ${most}.`;
  return either(`${name}, ${points.length} scores of at most ${most}: from ${said(first)} to ${said(last)}. The table has all of them.`,
    `${name}, ${points.length} puntuaciones de como máximo ${most}: de ${said(first)} a ${said(last)}. La tabla las tiene todas.`);
}

/** The same as a table, newest first. `leads`: the address before each one's id, where it leads somewhere. */
export function table({ name, bands, points }, leads) {
  const nameOf = Object.fromEntries(bands.map((band) => [band.code, band.name]));
  const any = points.some(({ danger }) => danger);
  const when = ({ assessment, at }) => (leads ? h('a', { href: leads + assessment }, whole.format(new Date(at))) : whole.format(new Date(at)));
  return h('div', { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': `${name}: ${either('all scores', 'todas las puntuaciones')}` }, h('table', {},
    h('thead', {}, h('tr', {}, ...[either('Date', 'Fecha'), either('Score', 'Puntuación'), either('Meaning', 'Significado'), any && either('Danger', 'Peligro')].filter(Boolean).map((words) => h('th', { scope: 'col' }, words)))),
    h('tbody', {}, ...points.toReversed().map((point) => h('tr', {},
      h('th', { scope: 'row' }, when(point)), h('td', {}, String(point.score)), h('td', {}, nameOf[point.band] ?? point.band),
      any && h('td', {}, point.danger ? either('An answer meant danger', 'Una respuesta indicaba peligro') : ''))))));
}
