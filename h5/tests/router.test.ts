import { beforeEach, describe, expect, it, vi } from 'vitest'
import { watch } from 'vue'
import { createRouter } from '../src/router'

function popped() {
  return new Promise<void>((resolve) => { window.addEventListener('popstate', () => { resolve() }, { once: true }) })
}

async function back(router: ReturnType<typeof createRouter>) {
  const done = popped()
  router.back()
  await done
}

beforeEach(() => { history.replaceState(null, '', '/c/demo') })

describe('the router', () => {
  it('starts where the history says, so that a reload stays on its page', () => {
    expect(createRouter(window).current.value).toEqual({ page: 'enter', trail: [] })
    history.replaceState({ page: 'form', trail: ['enter', 'card'] }, '')
    expect(createRouter(window).current.value.page).toBe('form')
  })

  it('goes there and back without changing the address', async () => {
    const router = createRouter(window)
    router.push('card')
    router.push('product', { productId: 7 })
    expect(location.pathname).toBe('/c/demo')
    expect(router.current.value).toEqual({ page: 'product', productId: 7, trail: ['enter', 'card'] })
    await back(router)
    expect(router.current.value.page).toBe('card')
    expect(router.returning.value).toBe(true)
  })

  it('closes an overlay by going back', async () => {
    const router = createRouter(window)
    router.push('form')
    router.open('region')
    expect(router.current.value).toMatchObject({ page: 'form', overlay: 'region' })
    await back(router)
    expect(router.current.value).not.toHaveProperty('overlay')
  })

  it('leaves nothing of the form between the card and the order', async () => {
    const router = createRouter(window)
    for (const page of ['card', 'product', 'form', 'confirm'] as const) router.push(page)
    await router.pushAfter('card', 'done')
    expect(router.current.value).toMatchObject({ page: 'done', trail: ['enter', 'card'] })
    await back(router)
    expect(router.current.value.page).toBe('card')
    await back(router)
    expect(router.current.value.page).toBe('enter')
  })

  it('shows no page that it only passes', async () => {
    const router = createRouter(window)
    for (const page of ['card', 'form', 'confirm'] as const) router.push(page)
    const shown: string[] = []
    watch(router.current, ({ page }) => { shown.push(page) }, { flush: 'sync' })
    await router.pushAfter('card', 'done')
    expect(shown).toEqual(['done'])
    await back(router)
    expect(shown).toEqual(['done', 'card'])
  })

  it('returns to a page behind, and goes on to it where there is none', async () => {
    const router = createRouter(window)
    router.push('card')
    router.push('done')
    await router.returnTo('card')
    expect(router.current.value).toEqual({ page: 'card', trail: ['enter'] })
    history.replaceState({ page: 'done', trail: [] }, '')
    const alone = createRouter(window)
    await alone.returnTo('card')
    expect(alone.current.value).toEqual({ page: 'card', trail: ['done'] })
  })

  it('stays when there is nothing to rewind to', async () => {
    const router = createRouter(window)
    const go = vi.spyOn(history, 'go')
    await router.rewind('card')
    await router.rewind('enter')
    expect(go).not.toHaveBeenCalled()
  })

  it('shows the order even when the browser lost the entries to go back to', async () => {
    history.replaceState({ page: 'confirm', trail: ['enter', 'card', 'form'] }, '')
    const router = createRouter(window)
    vi.spyOn(history, 'go').mockImplementation(() => undefined)
    await router.pushAfter('card', 'done')
    expect(router.current.value.page).toBe('done')
  })

  it('takes the number out of the address for another card', () => {
    history.replaceState(null, '', '/c/demo/A588')
    const router = createRouter(window)
    router.restart('/c/demo')
    expect(location.pathname).toBe('/c/demo')
    expect(router.current.value).toEqual({ page: 'enter', trail: [] })
  })
})
