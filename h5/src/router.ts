import { inject, shallowRef, type InjectionKey } from 'vue'
import type { Page } from './redeem/pages'

export type Overlay = 'region' | 'scan'

/** Lives in history.state, so the address never changes: it must hold no more than the printed link does. */
export interface Entry {
  page: Page
  /** The product a detail page shows. */
  productId?: number
  overlay?: Overlay
  /** Pages below this entry that are ours, oldest first. */
  trail: Page[]
}

export function createRouter(win: Window) {
  const current = shallowRef<Entry>(entryIn(win.history.state) ?? { page: 'enter', trail: [] })
  const returning = shallowRef(false)

  /** True on the way through entries that are not to be shown. */
  let passing = false

  win.addEventListener('popstate', (event: PopStateEvent) => {
    if (passing) return
    returning.value = true
    current.value = entryIn(event.state) ?? { page: 'enter', trail: [] }
  })

  function replace(page: Page) {
    go('replaceState', { page, trail: current.value.trail })
  }

  function push(page: Page, rest: Pick<Entry, 'productId' | 'overlay'> = {}) {
    go('pushState', { page, ...rest, trail: [...current.value.trail, current.value.page] })
  }

  function open(overlay: Overlay) {
    push(current.value.page, { overlay })
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
  function restart(path: string) {
    go('pushState', { page: 'enter', trail: [] }, path)
  }

  return { current, returning, push, replace, open, back, pushAfter, returnTo, rewind, restart }
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
