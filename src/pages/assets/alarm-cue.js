// Owns: the alarm where a page's content is not seen: the title and the picture of its tab. Names stay out of both:
// browsers keep titles in their history, and a tab is read over a shoulder.

const SWAP_MS = 1_000;
const picture = document.querySelector('link[rel=icon]');
const calm = picture?.getAttribute('href');
const alarming = calm?.replace(/icon\.svg$/, 'icon-alarm.svg');
let timer = null;
let words = '';
let plain = '';

/** Shows these words in the tab, in turn with its own title; empty: no more. */
export function cue(wanted) {
  if (wanted === words) return;
  clearInterval(timer);
  if (words && document.title === words) document.title = plain;
  words = wanted;
  picture?.setAttribute('href', wanted ? alarming : calm);
  if (!wanted) return;
  swap();
  timer = setInterval(swap, SWAP_MS);
}

function swap() {
  if (document.title === words) {
    document.title = plain;
    return;
  }
  plain = document.title;
  document.title = words;
}
