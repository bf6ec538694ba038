// Owns: the choice of a time zone: all that the browser knows, and the one that is stored, whatever its name.

import { h } from './dom.js';

for (const select of document.querySelectorAll('select[data-time-zones]')) {
  const add = (name) => select.append(h('option', { value: name }, name.replaceAll('_', ' ')));
  ['UTC', ...Intl.supportedValuesOf('timeZone')].forEach(add);
  const form = select.closest('care-form');
  form.addEventListener('loaded', ({ detail }) => {
    if (![...select.options].some(({ value }) => value === detail.timeZone)) add(detail.timeZone);
    select.value = detail.timeZone;
  });
}
