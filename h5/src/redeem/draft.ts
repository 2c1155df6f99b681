import type { OrderView, Receiver } from '../api/types'
import type { Intent } from './intent'
import { sameNumber } from './link'

/** All that a reload must not lose. */
export interface Draft {
  number: string
  password: string
  productId: number | null
  receiver: Receiver
  remark: string
  /** The day to ship on; null is as soon as possible, or not chosen yet. */
  shipOn: string | null
  intent: Intent | null
  order: OrderView | null
}

const VERSION = 1

export function emptyDraft(): Draft {
  return {
    number: '',
    password: '',
    productId: null,
    receiver: { name: '', mobile: '', province: '', city: '', district: '', region_code: null, address: '' },
    remark: '',
    shipOn: null,
    intent: null,
    order: null,
  }
}

/** A second card of the same customer goes to the same address more often than not: the receiver stays. */
export function nextCard(draft: Draft, number = ''): Draft {
  return { ...emptyDraft(), number, receiver: draft.receiver }
}

/** `mode`: what an operator types for callers is kept apart. */
export type Mode = 'own' | 'phone'

function storageKey(slug: string, mode: Mode): string {
  return mode === 'phone' ? `tihuo:${slug}:phone:${VERSION}` : `tihuo:${slug}:${VERSION}`
}

/** Session storage only: it dies with the tab, and the draft holds a password. */
export function loadDraft(storage: Storage, slug: string, linkNumber: string, mode: Mode = 'own'): Draft {
  const draft = read(storage, storageKey(slug, mode))
  if (linkNumber === '' || sameNumber(draft.number, linkNumber)) return draft
  return nextCard(draft, linkNumber)
}

function read(storage: Storage, key: string): Draft {
  try {
    const saved = JSON.parse(storage.getItem(key) ?? '{}') as Partial<Draft>
    const empty = emptyDraft()
    return { ...empty, ...saved, receiver: { ...empty.receiver, ...saved.receiver } }
  } catch {
    return emptyDraft()
  }
}

export function saveDraft(storage: Storage, slug: string, draft: Draft, mode: Mode = 'own'): void {
  try {
    storage.setItem(storageKey(slug, mode), JSON.stringify(draft))
  } catch {
    // Private windows may refuse storage: the page still works, only a reload forgets.
  }
}
