import { useLive } from '@/live/store'
import * as sound from '@/live/sound'
import * as title from '@/live/title'
import { QueryClient } from '@tanstack/vue-query'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ended, job } from '../jobs/jobs'
import { staleNames } from '../stale'

class FakeWebSocket {
  static last: FakeWebSocket
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  constructor(readonly url: string) {
    FakeWebSocket.last = this
  }
  close() {
    this.onclose = null
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const order = { id: 1, number: 'T1', status: 'to_ship', source: 'h5', placed_at: '', product_name: '苹果', receiver_name: '王', city: '杭州', product_picture: null }

function start() {
  const queries = new QueryClient()
  const live = useLive()
  live.start(queries, () => undefined)
  FakeWebSocket.last.say({ type: 'hello', number: 1 })
  const names = staleNames(queries)
  const chime = vi.spyOn(sound, 'playChime').mockImplementation(() => undefined)
  const missed = vi.spyOn(title, 'addMissed').mockImplementation(() => undefined)
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  return { live, chime, missed, names }
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  setActivePinia(createPinia())
})
afterEach(() => {
  useLive().stop()
  vi.unstubAllGlobals()
})

describe('live events', () => {
  it('of an order ring, count as missed, and have the lists asked for anew', () => {
    const t = start()
    const placed = vi.fn()
    t.live.onPlaced.add(placed)
    FakeWebSocket.last.say({ type: 'event', number: 2, kind: 'order_placed', at: '', data: { order } })
    expect(t.chime).toHaveBeenCalledTimes(1)
    expect(t.missed).toHaveBeenCalledTimes(1)
    expect(placed).toHaveBeenCalledWith(order)
    expect(t.names).toEqual(['orders', 'home', 'cards'])
  })

  it('of an order handed over at the counter ring no bell, for it waits for nobody', () => {
    const t = start()
    const placed = vi.fn()
    t.live.onPlaced.add(placed)
    FakeWebSocket.last.say({ type: 'event', number: 2, kind: 'order_placed', at: '', data: { order: { ...order, status: 'completed', source: 'counter' } } })
    expect(t.chime).not.toHaveBeenCalled()
    expect(t.missed).not.toHaveBeenCalled()
    expect(placed).not.toHaveBeenCalled()
    expect(t.names).toEqual(['orders', 'home', 'cards'])
  })

  it('of an order that was changed have row and page asked for anew, and do not ring', () => {
    const t = start()
    FakeWebSocket.last.say({ type: 'event', number: 2, kind: 'order_changed', at: '', data: { order: { ...order, ship_on: '2026-12-03' } } })
    expect(t.names).toEqual(['orders', 'home', 'cards'])
    expect(t.chime).not.toHaveBeenCalled()
  })

  it('of guessing are told to who wants them, and have that page asked for anew alone', () => {
    const t = start()
    const heard = vi.fn()
    t.live.onAlarm.add(heard)
    const data = { scope: 'card', subject: 'A1', failures: 5, permission: 'cards' }
    FakeWebSocket.last.say({ type: 'event', number: 2, kind: 'guessing_alarm', at: '', data })
    expect(heard).toHaveBeenCalledWith(data)
    expect(t.names).toEqual(['guessing'])
    expect(t.chime).not.toHaveBeenCalled()
  })

  it('of a job are told to who wants them, and neither ring nor reload anything', () => {
    const t = start()
    const heard = vi.fn()
    t.live.onJob.add(heard)
    FakeWebSocket.last.say({ type: 'event', number: 2, kind: 'job_changed', at: '', data: { job: job(4, { done: 10 }), permission: 'cards' } })
    FakeWebSocket.last.say({ type: 'event', number: 3, kind: 'job_changed', at: '', data: { job: ended(4), permission: 'cards' } })
    expect(heard.mock.calls.map(([one]) => (one as { status: string }).status)).toEqual(['running', 'done'])
    expect(t.chime).not.toHaveBeenCalled()
    expect(t.missed).not.toHaveBeenCalled()
    expect(t.names).toEqual([])
  })

  it('that were missed for good have everything asked for anew, the jobs too', () => {
    const t = start()
    const stale = vi.fn()
    t.live.onStale.add(stale)
    FakeWebSocket.last.say({ type: 'reload' })
    FakeWebSocket.last.say({ type: 'hello', number: 900 })
    expect(stale).toHaveBeenCalledTimes(1)
    expect(t.names).toContain('jobs')
    expect(t.names).toContain('orders')
  })
})
