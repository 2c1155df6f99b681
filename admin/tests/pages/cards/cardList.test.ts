import type { Card, CardFilter, CardPage } from '@/api/types'
import { useCardList } from '@/pages/cards/cardList'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, ref, type Ref } from 'vue'
import { card, serve, type Sent } from './serve'

const page = (items: Card[], next: number | null, searched_to: number | null): CardPage => ({ items, next, searched_to, count: { value: items.length, exact: false } })

function use(size: number, filter: Ref<CardFilter> = ref({ status: 'void' })) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 10_000 } } })
  const rows = ref(size)
  let list: ReturnType<typeof useCardList> | undefined
  const wrapper = mount(defineComponent({ setup: () => ((list = useCardList(filter, rows)), () => null) }), { global: { plugins: [[VueQueryPlugin, { queryClient }]] } })
  if (!list) throw new Error('not set up')
  return { list, rows, filter, queryClient, wrapper }
}

const serials = (list: ReturnType<typeof useCardList>) => list.items.value.map((one) => one.serial)

/** Cards 90, 50 and 10 match; one answer looks through 20 serials at most. */
function sparse(sent: Sent): CardPage {
  const from = Number(sent.query['after'] ?? 101) - 1
  const to = Math.max(1, from - 19)
  const limit = Number(sent.query['limit'])
  const found = [90, 50, 10].filter((serial) => serial <= from && serial >= to)
  if (found.length >= limit) return page(found.slice(0, limit).map((n) => card(n)), found[limit - 1] ?? null, null)
  return page(found.map((n) => card(n)), to > 1 ? to : null, to > 1 ? to : null)
}

beforeEach(() => history.replaceState(null, ''))

describe('card list', () => {
  it('goes on by itself where few cards match, until it ends', async () => {
    const sent = serve((one) => [200, sparse(one)])
    const { list } = use(50)
    await flushPromises()
    expect(serials(list)).toEqual([90, 50, 10])
    expect(list.further.value.state).toBe('done')
    expect(list.hasNext.value).toBe(false)
    expect(sent.map((one) => one.query['after'])).toEqual([undefined, '81', '61', '41', '21'])
    expect(sent.map((one) => one.query['status'])).toEqual(['void', 'void', 'void', 'void', 'void'])
  })

  it('stops when the page is full and goes on from there on the next one', async () => {
    serve((one) => [200, sparse(one)])
    const { list } = use(2)
    await flushPromises()
    expect(serials(list)).toEqual([90, 50])
    expect(list.hasNext.value).toBe(true)
    list.next()
    await flushPromises()
    expect(serials(list)).toEqual([10])
    expect(list.page.value).toBe(2)
    expect(list.hasNext.value).toBe(false)
    list.previous()
    await flushPromises()
    expect(serials(list)).toEqual([90, 50])
  })

  it('can be stopped and resumed, saying how far it got', async () => {
    const waiting: (() => void)[] = []
    const sent = serve(async (one) => {
      if (one.query['after']) await new Promise<void>((resolve) => waiting.push(resolve))
      return [200, sparse(one)]
    })
    const { list } = use(50)
    await flushPromises()
    expect(list.further.value).toMatchObject({ state: 'searching', searchedTo: 81 })
    waiting.shift()?.()
    await flushPromises()
    expect(list.further.value).toMatchObject({ state: 'searching', searchedTo: 61 })
    list.stop()
    waiting.shift()?.()
    await flushPromises()
    expect(list.further.value).toMatchObject({ state: 'stopped', searchedTo: 61, next: 61 })
    expect(sent).toHaveLength(3)
    expect(serials(list)).toEqual([90])

    list.resume()
    for (let n = 0; n < 4; n++) {
      waiting.shift()?.()
      await flushPromises()
    }
    expect(serials(list)).toEqual([90, 50, 10])
    expect(sent[3]?.query['after']).toBe('61')
  })

  it('keeps what it found when asking on fails, and tries again from there', async () => {
    let broken = true
    serve((one) => (one.query['after'] === '41' && broken ? [500, {}] : [200, sparse(one)]))
    const { list } = use(50)
    await flushPromises()
    expect(list.further.value.state).toBe('failed')
    expect(serials(list)).toEqual([90, 50])
    broken = false
    list.resume()
    await flushPromises()
    expect(serials(list)).toEqual([90, 50, 10])
  })

  it('is not thrown back to the start by live refreshes, but shows changed cards after an action', async () => {
    let status: Card['status'] = 'inactive'
    const sent = serve((one) => {
      const found = sparse(one)
      return [200, { ...found, items: found.items.map((item) => ({ ...item, status })) }]
    })
    const { list, queryClient } = use(50)
    await flushPromises()
    const before = sent.length
    await queryClient.invalidateQueries({ queryKey: ['cards'] })
    await flushPromises()
    expect(sent.length).toBe(before + 1)
    expect(serials(list)).toEqual([90, 50, 10])

    status = 'active'
    await list.refresh()
    expect(list.items.value.map((one) => one.status)).toEqual(['active', 'active', 'active'])
  })

  it('forgets the search of another filter', async () => {
    const waiting: (() => void)[] = []
    serve(async (one) => {
      if (one.query['status'] === 'active') return [200, page([card(7, { status: 'active' })], null, null)]
      if (one.query['after']) await new Promise<void>((resolve) => waiting.push(resolve))
      return [200, sparse(one)]
    })
    const { list, filter } = use(50)
    await flushPromises()
    filter.value = { status: 'active' }
    await flushPromises()
    for (const go of waiting) go()
    await flushPromises()
    expect(serials(list)).toEqual([7])
    expect(list.further.value.state).toBe('none')
  })

  it('comes back to the page where one was', async () => {
    const many = (one: Sent): CardPage => {
      const from = Number(one.query['after'] ?? 7) - 1
      return page([card(from), card(from - 1)], from > 2 ? from - 1 : null, null)
    }
    serve((one) => [200, many(one)])
    const { list, wrapper } = use(2)
    await flushPromises()
    list.next()
    await flushPromises()
    expect(serials(list)).toEqual([4, 3])
    wrapper.unmount()
    const again = use(2)
    await flushPromises()
    expect(again.list.page.value).toBe(2)
    expect(serials(again.list)).toEqual([4, 3])
    again.rows.value = 1
    await flushPromises()
    expect(again.list.page.value).toBe(1)
  })
})
