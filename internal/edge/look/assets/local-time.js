// Adds the reader's own time to what says UTC already, and lets clocks run.
// The server's clock is the truth: the device's is corrected by the offset
// at load.
const root = document.documentElement;
const offset = Date.parse(root.dataset.now) - Date.now();
const now = () => Date.now() + (Math.abs(offset) > 2000 ? offset : 0);

// A zone name that this browser does not know falls back to the device's own.
function known(name) {
  try { new Intl.DateTimeFormat('en', { timeZone: name }); return name; } catch { return undefined; }
}
const zone = known(root.dataset.zone || undefined);
const format = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', timeZoneName: 'short', ...options });
const hour = format({});
const full = format({ year: 'numeric', month: '2-digit', day: '2-digit' });
const isUTC = new Date(now()).getTimezoneOffset() === 0 && !zone || zone === 'UTC';

const day = (d, tz) => new Intl.DateTimeFormat('en-CA', { timeZone: tz }).format(d);
const beside = (d) => (day(d, 'UTC') === day(d, zone) ? '' : day(d, zone) + ' ') + hour.format(d);

function localize(scope) {
  if (isUTC) return;
  for (const el of scope.querySelectorAll('time[datetime]:not([data-local],[data-clock])')) {
    const at = new Date(el.dateTime);
    if (isNaN(at)) continue;
    el.dataset.local = '';
    el.title = full.format(at);
    if (el.closest('td,th,.q,header,.itend,svg')) continue;
    const local = document.createElement('span');
    local.className = 'loc';
    local.textContent = ' (' + beside(at) + ')';
    el.append(local);
  }
}

const two = (n) => String(n).padStart(2, '0');
function span(ms) {
  if (ms <= 0) return '0';
  const s = Math.floor(ms / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  return d ? `${d} d ${two(h)}:${two(m)}` : `${two(h)}:${two(m)}:${two(s % 60)}`;
}

function tick() {
  const at = new Date(now());
  for (const el of document.querySelectorAll('[data-until]')) {
    const text = span(Date.parse(el.dataset.until) - at);
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of document.querySelectorAll('[data-clock]')) {
    const text = at.toISOString().slice(11, 16) + ' UTC';
    if (el.textContent === text && el.dataset.run) continue;
    el.dataset.run = '1';
    el.textContent = text;
    el.dateTime = at.toISOString();
    if (isUTC) continue;
    let local = el.nextElementSibling;
    if (!local) { local = document.createElement('span'); local.className = 'local'; el.after(local); }
    local.textContent = ' · ' + hour.format(at);
  }
  setTimeout(tick, 1000 - (now() % 1000));
}

localize(document);
tick();
addEventListener('look:swapped', (e) => localize(e.target));
