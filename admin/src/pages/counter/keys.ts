import { onBeforeUnmount, onMounted } from 'vue'

/** A person's fingers are slower, a scanner is faster and types more. */
const GAP_MS = 50
const LEAST = 6
/** As long as this after a screen has come an Enter was meant for the one before: a double one, or a scanner's CR LF. */
export const SETTLE_MS = 600

/** Tells a scanner, which types fast and ends with Enter, from a person. */
export class Burst {
  private last = -Infinity
  private length = 0

  /** Takes a key pressed at a time in milliseconds; answers whether it is the first one after a pause, or ends a scan. */
  feed(key: string, at: number): { begins: boolean; scanned: boolean } {
    const fast = at - this.last < GAP_MS
    if (key === 'Enter') {
      const scanned = fast && this.length >= LEAST
      this.length = 0
      this.last = -Infinity
      return { begins: false, scanned }
    }
    // A scanner's Shift and the like stand between its letters.
    if (key.length !== 1) return { begins: false, scanned: false }
    this.length = fast ? this.length + 1 : 1
    this.last = at
    return { begins: this.length === 1, scanned: false }
  }
}

export interface Keys {
  /** Enter, pressed by a person who sees this screen. */
  enter: () => void
  /** Any other key, with no modifier held. `typing`: it goes into a field. */
  key?: (event: KeyboardEvent, typing: boolean) => void
  /** The first key after a pause: what follows may be a scan. */
  begins?: () => void
  /** A scan, to which this screen does not listen. */
  scanned?: () => void
}

/** The keyboard of a whole screen, wherever the focus is, except in dialogs and on other buttons and links. */
export function useKeys(keys: Keys): void {
  const burst = new Burst()
  let settled = 0

  function onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target instanceof Element ? event.target : null
    if (target?.closest('.el-overlay, .el-popper')) return
    const { begins, scanned } = burst.feed(event.key, event.timeStamp)
    if (begins) keys.begins?.()
    if (event.key !== 'Enter') {
      keys.key?.(event, target instanceof HTMLInputElement && target.type !== 'radio')
      return
    }
    if (scanned || event.repeat || Date.now() < settled) {
      event.preventDefault()
      event.stopPropagation()
      if (scanned) keys.scanned?.()
      return
    }
    // Buttons and links do on Enter what they say.
    if (target?.closest('button, a')) return
    event.preventDefault()
    keys.enter()
  }

  onMounted(() => {
    settled = Date.now() + SETTLE_MS
    document.addEventListener('keydown', onKey, true)
  })
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey, true))
}
