import { inject, shallowRef, type InjectionKey } from 'vue'
import { parseOrderPath } from './orders/link'
import type { Page } from './redeem/pages'

export type Overlay = 'region' | 'scan' | 'calendar'

/** Lives in history.state, so the address never changes: it must hold no more than the printed link does. */
export interface Entry {
  page: Page
  /** The product a detail page shows. */
  productId?: number
  /** The order that is corrected, and what of it. */
  correction?: { order: string; part: 'receiver' | 'ship_on' }
  /** The page whose link led here. */
  from?: Page
  overlay?: Overlay
  /** Pages below this entry that are ours, oldest first. */
  trail: Page[]
}

export function createRouter(win: Window) {
  /** The page that an address by itself leads to. */
  const first = (): Entry => ({ page: parseOrderPath(win.location.pathname) ? 'order' : 'enter', trail: [] })
  const current = shallowRef<Entry>(entryIn(win.history.state) ?? first())
  const returning = shallowRef(false)

  /** True on the way through entries that are not to be shown. */
  let passing = false

  win.addEventListener('popstate', (event: PopStateEvent) => {
    if (passing) return
    returning.value = true
    current.value = entryIn(event.state) ?? first()
  })

  function replace(page: Page) {
    go('replaceState', { page, trail: current.value.trail })
  }

  function push(page: Page, rest: Pick<Entry, 'productId' | 'correction' | 'from' | 'overlay'> = {}) {
    go('pushState', { page, ...rest, trail: [...current.value.trail, current.value.page] })
  }

  function open(overlay: Overlay) {
    const below = current.value
    go('pushState', { ...below, overlay, trail: [...below.trail, below.page] })
  }

  function go(how: 'pushState' | 'replaceState', entry: Entry, url?: string) {
    win.history[how](entry, '', url)
    returning.value = false
    current.value = entry
  }

  function back() {
    if (current.value.trail.length > 0) win.history.back()
    else replace('enter')
  }

  /** Back to what is ours; false where there is nothing. */
  function stepBack(): boolean {
    if (current.value.trail.length === 0) return false
    win.history.back()
    return true
  }

  /** Goes back to the nearest `base` page and on to `page` from there, so that "back" skips what is over. */
  async function pushAfter(base: Page, page: Page) {
    passing = true
    await rewind(base)
    passing = false
    const { trail, page: below } = entryIn(win.history.state) ?? current.value
    go('pushState', { page, trail: [...trail, below] })
  }

  /** To the nearest `page` behind, or on to it where there is none. */
  async function returnTo(page: Page) {
    await rewind(page)
    if (current.value.page !== page) push(page)
  }

  async function rewind(base: Page) {
    const { trail } = current.value
    const steps = current.value.page === base && !current.value.overlay ? 0 : trail.length - trail.lastIndexOf(base)
    if (steps === 0 || steps > trail.length) return
    await new Promise<void>((resolve) => {
      win.addEventListener('popstate', () => { resolve() }, { once: true })
      // A browser that restored the tab without its history stays where it is, and says nothing.
      setTimeout(resolve, 500)
      win.history.go(-steps)
    })
  }

  /** From the start with another card; the link's number leaves the address. */
  function restart(path: string, from?: Page) {
    go('pushState', { page: 'enter', trail: [], ...(from ? { from } : {}) }, path)
  }

  return { current, returning, push, replace, open, back, stepBack, pushAfter, returnTo, rewind, restart }
}

function entryIn(state: unknown): Entry | null {
  return typeof state === 'object' && state !== null && 'page' in state ? (state as Entry) : null
}

export type Router = ReturnType<typeof createRouter>

export const routerKey: InjectionKey<Router> = Symbol('router')

export function useRouter(): Router {
  const router = inject(routerKey)
  if (!router) throw new Error('useRouter() outside of the app')
  return router
}
