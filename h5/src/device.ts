const KEY = 'tihuo:device'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LENGTH = 22

/** This browser's random name. It says nothing of its user; where storage is refused it lasts as long as the page. */
export function deviceId(storage: () => Storage): string {
  const made = Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), (byte) => ALPHABET.charAt(byte & 63)).join('')
  try {
    const kept = storage().getItem(KEY)
    if (kept && /^[A-Za-z0-9_-]{22}$/.test(kept)) return kept
    storage().setItem(KEY, made)
  } catch {
    // A private window.
  }
  return made
}
