// Owns: the browser's half of passkeys: options of the hub in, the authenticator's answer out. Nothing is kept here,
// and what goes wrong is said in words that help.

/** Whether this browser can do it. */
export const possible = () => typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

/** Makes a passkey. */
export async function create(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey ?? options);
  return said(() => navigator.credentials.create({ publicKey }));
}

/** Proves to have one. */
export async function get(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey ?? options);
  return said(() => navigator.credentials.get({ publicKey }));
}

async function said(run) {
  try {
    return (await run()).toJSON();
  } catch (error) {
    throw Object.assign(new Error(WORDS[error.name] ?? 'Your device could not do this. Try again, or use your password.'), { code: 'passkey' });
  }
}

const WORDS = {
  NotAllowedError: 'Nothing was done: it was cancelled, took too long, or this device has no passkey for your account.',
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys work only at the practice’s own secure address.',
};
