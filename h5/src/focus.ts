import { nextTick } from 'vue'
import type { Page } from './redeem/pages'

/** Where the focus was on each page, for coming back to it. */
const left: Partial<Record<Page, string>> = {}
let arrivals = 0

export function leave(page: Page): void {
  left[page] = document.activeElement?.id ?? ''
}

/**
 * A new page starts at its title, for screen readers and remotes alike; a page come back to goes on where it was left.
 * The very first one leaves the focus to the browser.
 */
export function arrive(page: Page, returning: boolean, title: HTMLElement): void {
  arrivals += 1
  if (arrivals === 1) return
  const last = returning ? document.getElementById(left[page] || '-') : null
  if (last) last.focus()
  else title.focus({ preventScroll: true })
  if (!returning) window.scrollTo(0, 0)
}

/** After the messages are on the page: to the first control that has one. */
export function focusFirstError(): void {
  void nextTick(() => {
    document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  })
}
