// Owns: showing a QR code that the hub drew as SVG. Only shapes are taken over, so that nothing in it can run,
// load or style anything.

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = new Set(['svg', 'g', 'path', 'rect']);
const TRAITS = ['viewBox', 'd', 'x', 'y', 'width', 'height', 'fill', 'transform', 'fill-rule'];

/** The picture as an element with a name for screen readers. */
export function pictureOf(text, words) {
  const drawn = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const picture = copied(drawn);
  if (!picture.hasAttribute('viewBox')) picture.setAttribute('viewBox', `0 0 ${parseFloat(drawn.getAttribute('width'))} ${parseFloat(drawn.getAttribute('height'))}`);
  picture.removeAttribute('width');
  picture.removeAttribute('height');
  picture.setAttribute('class', 'qr');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', words);
  return picture;
}

function copied(node) {
  const copy = document.createElementNS(SVG, node.localName);
  for (const trait of TRAITS) if (node.hasAttribute(trait)) copy.setAttribute(trait, node.getAttribute(trait));
  for (const child of node.children) if (SHAPES.has(child.localName)) copy.append(copied(child));
  return copy;
}
