// Passkeys. A form says what to do:
//   data-passkey="register" or "signin"
//   data-options  where to POST; answers {"publicKey": options, "ceremony": "…"}
//   data-finish   where to POST {"ceremony", "fields", "credential"};
//                 answers {"next": "/path"}
// It stands in the page hidden and is shown only where passkeys work.
const can = window.PublicKeyCredential?.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON;

async function post(url, body) {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(body) });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.detail || data.title || 'The server did not accept this. Try again.');
  return data;
}

const words = {
  NotAllowedError: 'The device did not confirm in time, or it was cancelled. Try again.',
  InvalidStateError: 'This device already holds a passkey for your account. Sign in with it.',
  SecurityError: 'Passkeys do not work at this address. Open the portal at its usual one.',
};

async function run(form) {
  const fields = Object.fromEntries(new FormData(form));
  const answer = await post(form.dataset.options, fields);
  const json = answer.publicKey;
  const credential = form.dataset.passkey === 'register'
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) });
  const done = await post(form.dataset.finish, { ceremony: answer.ceremony, fields, credential: credential.toJSON() });
  const next = new URL(done.next || '/', location.href);
  location.assign(next.origin === location.origin ? next.href : '/');
}

for (const form of can ? document.querySelectorAll('form[data-passkey]') : []) {
  form.hidden = false;
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    const said = form.querySelector('[data-passkey-error]');
    const button = form.querySelector('button');
    if (said) said.textContent = '';
    if (button) button.disabled = true;
    try {
      await run(form);
    } catch (err) {
      if (said) said.textContent = words[err.name] || err.message;
    } finally {
      if (button) button.disabled = false;
    }
  });
}
