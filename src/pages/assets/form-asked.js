// Owns: which fields of a form are asked, as the hub judges it: by earlier answers, where what is not asked counts as
// not answered. It never touches the page. The hub's half is src/forms/condition.rs; tests/pages/asked-cases.json has the
// cases that both go over.

// What the hub counts as a blank; trim() takes U+FEFF for one, too, and U+0085 for none.
const trimmed = (text) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

/** Whether there is an answer at all. */
export function isAnswered(answer) {
  if (answer === null || answer === undefined) return false;
  if (typeof answer === 'string') return trimmed(answer) !== '';
  if (Array.isArray(answer)) return answer.length > 0;
  if (typeof answer === 'object') return Object.keys(answer).length > 0;
  return true;
}

const same = (one, other) => (typeof one === 'string' && typeof other === 'string' ? trimmed(one) === trimmed(other) : one === other);
const numbers = (one, other) => typeof one === 'number' && typeof other === 'number';

const HOLDS = {
  answered: () => true,
  equals: same,
  differs: (answer, value) => !same(answer, value),
  includes: (answer, value) => Array.isArray(answer) && answer.includes(value),
  atLeast: (answer, value) => numbers(answer, value) && answer >= value,
  atMost: (answer, value) => numbers(answer, value) && answer <= value,
};

function holds({ match = 'all', conditions }, answers) {
  const one = ({ field, is, value }) => isAnswered(answers[field]) && HOLDS[is](answers[field], value);
  return match === 'any' ? conditions.some(one) : conditions.every(one);
}

/** The keys of the fields that are asked, where the answers are these. */
export function asked({ fields }, answers) {
  // Keys such as `constructor` are keys like any other.
  const known = Object.create(null);
  const keys = new Set();
  let sectionIsAsked = true;
  for (const { key, type, showIf } of fields) {
    const itself = !showIf || holds(showIf, known);
    if (type === 'section') sectionIsAsked = itself;
    if (!itself || !sectionIsAsked) continue;
    keys.add(key);
    if (Object.hasOwn(answers, key)) known[key] = answers[key];
  }
  return keys;
}
