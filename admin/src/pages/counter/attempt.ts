import { newKey } from '@/api/idempotency'
import { useSession } from '@/session/store'

/** One handing over that was sent: the same one is sent again, with the same key, until its answer is known. */
export interface Attempt {
  number: string
  product: { id: number; name: string }
  remark: string
  key: string
  /** An answer was lost: it may have been done. */
  lost: boolean
}

/** Kept through a reload, in this tab only; never with a password. Signing out clears it like any draft. */
const place = () => `draft:${useSession().staff?.id ?? 0}:counter`

export function newAttempt(number: string, product: Attempt['product'], remark: string): Attempt {
  return { number, product, remark, key: newKey(), lost: false }
}

export function keepAttempt(attempt: Attempt | null): void {
  if (attempt) sessionStorage.setItem(place(), JSON.stringify(attempt))
  else sessionStorage.removeItem(place())
}

/** What was sent for this card before and never answered. Whether it was done cannot be known here. */
export function unanswered(number: string): Attempt | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(place()) ?? 'null') as Attempt | null
    return kept?.number === number ? { ...kept, lost: true } : null
  } catch {
    return null
  }
}
