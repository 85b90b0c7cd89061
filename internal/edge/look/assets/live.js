// Live changes. The stream only says that something changed; what changed is
// fetched from the page itself, so the same rule decides what may be seen.
// Regions marked data-fragment="name" are replaced where their text differs,
// except the one somebody is typing in. What is not in a region is offered as
// "N changes, reload".
const bar = document.getElementById('live');
const source = new EventSource(document.body.dataset.live);
let waiting = 0, timer = 0, down = 0;

const dirty = (el) => el.contains(document.activeElement) && document.activeElement.matches('input,textarea,select')
  || [...el.querySelectorAll('textarea,input:not([type=hidden],[type=search])')].some((i) => i.value !== i.defaultValue || i.checked !== i.defaultChecked);

function say(text, action) {
  bar.textContent = text;
  if (action) {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = 'reload';
    b.addEventListener('click', () => location.reload());
    bar.append(', ', b);
  }
  bar.hidden = !text;
}

const offer = () => say(waiting === 1 ? '1 change' : `${waiting} changes`, true);

// What a region says, without what only the passing of time changes.
function words(el) {
  const copy = el.cloneNode(true);
  for (const moving of copy.querySelectorAll('.loc,.rel,[data-until],[data-clock]')) moving.remove();
  return copy.textContent.replace(/\s+/g, ' ');
}

function swap(old, fresh) {
  const next = document.importNode(fresh, true);
  for (const d of old.querySelectorAll('details[open][id]')) next.querySelector('#' + CSS.escape(d.id))?.setAttribute('open', '');
  old.replaceWith(next);
  next.classList.add('changed');
  next.dispatchEvent(new Event('look:swapped', { bubbles: true }));
}

async function refresh() {
  const regions = [...document.querySelectorAll('[data-fragment]')];
  if (!regions.length) return offer();
  const answer = await fetch(location.href, { headers: { 'X-Fragment': '1' }, cache: 'no-store' });
  if (!answer.ok || answer.redirected) return offer();
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  let left = 0, swapped = 0;
  for (const old of regions) {
    const next = fresh.querySelector(`[data-fragment="${CSS.escape(old.dataset.fragment)}"]`);
    if (!next || words(next) === words(old)) continue;
    if (dirty(old)) { left++; continue; }
    swap(old, next);
    swapped++;
  }
  if (left || !swapped) offer();
  else { waiting = 0; say(''); }
}

function changed() {
  waiting++;
  // A burst of changes, or a hidden tab, costs one fetch.
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? offer() : refresh().catch(offer)), 400 + Math.random() * 600);
}

source.addEventListener('message', changed);
source.addEventListener('change', changed);
source.addEventListener('open', () => { if (down) { down = 0; changed(); } });
source.addEventListener('error', () => {
  if (!down) {
    down = Date.now();
    setTimeout(() => { if (down) say(`Live changes paused since ${new Date(down).toISOString().slice(11, 16)} UTC. Trying again.`); }, 5000);
  }
});
addEventListener('pagehide', () => source.close());
addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
