// Of the lines that say who sees what is marked so, shows the one of the
// marking that is chosen in the composer. Without a script all of them stand.
for (const form of document.querySelectorAll('form.composer')) {
  const marking = form.elements.marking;
  const lines = form.querySelectorAll('[data-marking]');
  const show = () => { for (const line of lines) line.hidden = line.dataset.marking !== marking.value; };
  if (!marking || !lines.length) continue;
  form.addEventListener('input', show);
  form.addEventListener('reset', () => setTimeout(show));
  show();
}
