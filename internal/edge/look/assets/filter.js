// Tables: filter by typing, sort by a click on the head. A table that is not
// whole on this page (no data-whole, no data-group) sorts through its links.
const norm = (s) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const units = (table) => (table.hasAttribute('data-group') ? [...table.tBodies] : [...table.tBodies[0].rows]);

document.addEventListener('input', (e) => {
  const id = e.target.dataset?.filter;
  const table = id && document.getElementById(id);
  if (!table) return;
  const wanted = norm(e.target.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  const all = units(table);
  for (const unit of all) {
    const text = norm(unit.textContent);
    unit.hidden = !wanted.every((w) => text.includes(w));
    if (!unit.hidden) shown++;
  }
  let said = e.target.parentElement.querySelector('output');
  if (!said) { said = document.createElement('output'); e.target.after(said); }
  said.textContent = wanted.length ? `${shown} of ${all.length}` : '';
});

const value = (unit, column) => {
  const cell = (unit.rows?.[0] ?? unit).cells[column];
  if (!cell) return '';
  return cell.dataset.v ?? cell.querySelector('time')?.dateTime ?? cell.textContent.trim();
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

document.addEventListener('click', (e) => {
  const head = e.target.closest?.('th[data-sort]');
  const table = head?.closest('table[data-whole]');
  if (!table || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  const sign = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
  for (const th of head.parentElement.cells) th.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
  const all = units(table), parent = all[0]?.parentElement;
  all.sort((a, b) => sign * collator.compare(value(a, head.cellIndex), value(b, head.cellIndex)));
  parent?.append(...all);
});
