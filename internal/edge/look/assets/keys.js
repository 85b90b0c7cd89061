// Keys: "/" finds, "g" and a letter goes, "?" lists. They can be switched off
// on this device (WCAG 2.1.4) and never act while somebody types.
const dialog = document.getElementById('keys');
const box = document.getElementById('keys-on');
const off = 'tocsin-keys-off';

const store = {
  get: () => { try { return localStorage.getItem(off); } catch { return null; } },
  set: (v) => { try { v ? localStorage.setItem(off, '1') : localStorage.removeItem(off); } catch { /* storage refused: keys stay on */ } },
};

if (box) {
  box.checked = !store.get();
  box.addEventListener('change', () => store.set(!box.checked));
}

const typing = (el) => el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName);

let going = 0;
addEventListener('keydown', (e) => {
  if (e.key === 'Escape') {
    for (const menu of document.querySelectorAll('details.menu[open]')) menu.open = false;
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target) || store.get()) return;
  if (going && e.timeStamp - going < 1500) {
    going = 0;
    const door = [...document.querySelectorAll('a[data-key]')].find((a) => a.dataset.key === e.key);
    if (door) { e.preventDefault(); door.click(); }
    return;
  }
  going = 0;
  if (e.key === 'g') going = e.timeStamp;
  else if (e.key === '/') {
    const find = [...document.querySelectorAll('input[type=search][name=q]')].find((i) => i.offsetParent);
    if (find) { e.preventDefault(); find.focus(); find.select(); }
  } else if (e.key === '?' && dialog && !dialog.open) {
    e.preventDefault();
    dialog.showModal();
  }
});

addEventListener('click', (e) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(e.target)) menu.open = false;
});
