// Keeps what is typed in forms with data-draft until the server says that it
// arrived (a page with data-saved after a submit). Session storage only: it
// ends with the tab, and signing out empties it.
const prefix = 'draft:';
const store = {
  get(k) { try { return JSON.parse(sessionStorage.getItem(k)); } catch { return null; } },
  set(k, v) { try { sessionStorage.setItem(k, JSON.stringify(v)); } catch { /* full or refused: the form still works */ } },
  drop(k) { try { sessionStorage.removeItem(k); } catch { /* nothing was kept */ } },
};

const kept = (form) => [...form.elements].filter((el) => el.name && !/^(hidden|password|file|submit|button)$/.test(el.type));
const isBox = (el) => el.type === 'checkbox' || el.type === 'radio';
const untouched = (el) => (isBox(el) ? el.checked === el.defaultChecked
  : el.options ? [...el.options].every((o) => o.selected === o.defaultSelected) : el.value === el.defaultValue);

function save(form, sent) {
  const values = kept(form).filter((el) => !untouched(el)).map((el) => [el.name, isBox(el) ? el.value : null, isBox(el) ? el.checked : el.value]);
  if (values.length) store.set(prefix + form.dataset.draft, { values, sent });
  else store.drop(prefix + form.dataset.draft);
}

function restore(form, values) {
  let count = 0;
  for (const [name, of, value] of values) {
    const el = kept(form).find((e) => e.name === name && (of === null || e.value === of));
    // What the server sent back after an error is newer than the draft.
    if (!el || (!isBox(el) && !el.options && el.defaultValue)) continue;
    if (isBox(el)) el.checked = value; else el.value = value;
    count++;
  }
  if (!count) return;
  const note = document.createElement('p');
  note.className = 'hint';
  note.role = 'status';
  note.textContent = 'What you had typed here was restored.';
  form.append(note);
}

if (document.querySelector('[data-saved]')) {
  try {
    for (const k of Object.keys(sessionStorage)) if (k.startsWith(prefix) && store.get(k)?.sent) store.drop(k);
  } catch { /* storage refused */ }
}

for (const form of document.querySelectorAll('form[data-draft]')) {
  const draft = store.get(prefix + form.dataset.draft);
  if (draft) restore(form, draft.values);
  form.addEventListener('input', () => save(form, false));
  form.addEventListener('submit', () => save(form, true));
}

for (const form of document.querySelectorAll('form[data-forget]')) {
  form.addEventListener('submit', () => { try { sessionStorage.clear(); } catch { /* nothing kept */ } });
}
