import type { Redemption } from '../api/types'

/** One filled form. The key goes with exactly these words: the server refuses it with any other. */
export interface Intent {
  key: string
  body: string
}

/** The same form keeps its key through retries, double taps and reloads; a changed form is a new intent. */
export function intentFor(current: Intent | null, redemption: Redemption): Intent {
  const body = JSON.stringify(redemption)
  return current?.body === body ? current : { key: newKey(), body }
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
