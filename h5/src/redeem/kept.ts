import type { Receiver } from '../api/types'
import type { Draft } from './draft'
import { sameNumber } from './link'

/** What is remembered of a card's form until another day. Never a password. */
export interface Kept {
  number: string
  /** When it was last typed at, in this clock's milliseconds. */
  at: number
  productId: number | null
  receiver: Receiver
  remark: string
  shipOn: string | null
}

const DAYS = 30
/** Cards of one shop; the one that was left alone longest goes first. */
const MOST = 20

function storageKey(slug: string): string {
  return `tihuo:${slug}:kept:1`
}

export function isEmpty(receiver: Receiver): boolean {
  return [receiver.name, receiver.mobile, receiver.province, receiver.address].every((text) => text.trim() === '')
}

/** A shop's remembered forms, in local storage. `storage` throws where the browser refuses it; then nothing is kept. */
export function createKeeper(slug: string, storage: () => Storage) {
  function all(): Kept[] {
    try {
      const saved: unknown = JSON.parse(storage().getItem(storageKey(slug)) ?? '[]')
      const oldest = Date.now() - DAYS * 86_400_000
      return Array.isArray(saved) ? (saved as Kept[]).filter((one) => one.at > oldest) : []
    } catch {
      return []
    }
  }

  function write(forms: Kept[]) {
    try {
      if (forms.length === 0) storage().removeItem(storageKey(slug))
      else storage().setItem(storageKey(slug), JSON.stringify(forms))
    } catch {
      // Refused, or full: the page works without.
    }
  }

  function others(number: string): Kept[] {
    return all().filter((one) => !sameNumber(one.number, number))
  }

  return {
    find(number: string): Kept | null {
      return all().find((one) => sameNumber(one.number, number)) ?? null
    },
    keep({ number, productId, receiver, remark, shipOn }: Draft) {
      if (isEmpty(receiver) && remark.trim() === '') return
      const { name, mobile, province, city, district, region_code, address } = receiver
      const form = {
        number, at: Date.now(), productId, remark, shipOn,
        receiver: { name, mobile, province, city, district, region_code: region_code ?? null, address },
      }
      write([form, ...others(number)].slice(0, MOST))
    },
    drop(number: string) {
      write(others(number))
    },
    clear() {
      write([])
    },
    any(): boolean {
      return all().length > 0
    },
  }
}

export type Keeper = ReturnType<typeof createKeeper>
