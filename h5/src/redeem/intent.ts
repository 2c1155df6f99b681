import type { CardView, Redemption } from '../api/types'

/** One filled form. The key goes with exactly these words: the server refuses it with any other. */
export interface Intent {
  key: string
  body: string
  /** The card's number as the server writes it. */
  card: string
  /** Orders that the card had when the form was sent: one more, and this one may be it. */
  ordersBefore: number
}

type Seen = Pick<CardView, 'number' | 'orders'>

export function isFor(intent: Intent, redemption: Redemption): boolean {
  return intent.body === JSON.stringify(redemption)
}

/** The same form keeps its key through retries, double taps and reloads; a changed form is a new intent. */
export function intentFor(current: Intent | null, redemption: Redemption, card: Seen): Intent {
  if (current && isFor(current, redemption)) return current
  return { key: newKey(), body: JSON.stringify(redemption), card: card.number, ordersBefore: card.orders.length }
}

/**
 * Of an intent without an answer, what the card says now. A card for several pick-ups can be redeemed with the same
 * words again, so once an order has come the key must not serve another: it would bring back the first.
 */
export function fateOf(intent: Intent, card: Seen): 'open' | 'order came' | 'other card' {
  if (intent.card !== card.number) return 'other card'
  return card.orders.length > intent.ordersBefore ? 'order came' : 'open'
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
