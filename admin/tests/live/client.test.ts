import { LiveClient, SESSION_ENDED, type LiveEvent, type LiveSocket, type LiveState } from '@/live/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

class FakeSocket implements LiveSocket {
  onmessage: LiveSocket['onmessage'] = null
  onclose: LiveSocket['onclose'] = null
  closed = false
  constructor(readonly after: number | null) {}
  close() {
    this.closed = true
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  end(code = 1006) {
    this.onclose?.({ code })
  }
}

const order = { id: 1, number: 'T1', status: 'to_ship', source: 'h5', ship_on: null, placed_at: '', product_name: '苹果', receiver_name: '王', city: '杭州', product_picture: null }
const event = (number: number): LiveEvent => ({ type: 'event', number, kind: 'order_placed', at: '', data: { order } })

function start() {
  const sockets: FakeSocket[] = []
  const seen: number[] = []
  const states: LiveState[] = []
  const onStale = vi.fn()
  const onSignedOut = vi.fn()
  const onRefused = vi.fn()
  const client = new LiveClient({
    open: (after) => {
      const socket = new FakeSocket(after)
      sockets.push(socket)
      return socket
    },
    onEvent: (e) => seen.push(e.number),
    onStale,
    onState: (s) => states.push(s),
    onSignedOut,
    onRefused,
    random: () => 1,
  })
  client.start()
  const last = () => {
    const socket = sockets.at(-1)
    if (!socket) throw new Error('no socket was opened')
    return socket
  }
  return { client, sockets, seen, states, onStale, onSignedOut, onRefused, last }
}

describe('LiveClient', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks for nothing missed on the first connection, and refetches what was loaded before it', () => {
    const t = start()
    expect(t.last().after).toBeNull()
    t.last().say({ type: 'hello', number: 40 })
    expect(t.onStale).toHaveBeenCalledTimes(1)
    expect(t.states.at(-1)).toBe('open')
    expect(t.client.lastNumber).toBe(40)
  })

  it('shows each number once, however often it comes', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 40 })
    for (const n of [41, 41, 42, 40, 42, 43]) t.last().say(event(n))
    expect(t.seen).toEqual([41, 42, 43])
  })

  it('reconnects with `after`, takes what was missed, and does not refetch for it', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 40 })
    t.last().say(event(41))
    t.last().end()
    expect(t.states.at(-1)).toBe('waiting')
    vi.advanceTimersByTime(1000)
    expect(t.last().after).toBe(41)
    t.last().say({ type: 'hello', number: 43 })
    t.last().say(event(42))
    t.last().say(event(43))
    expect(t.seen).toEqual([41, 42, 43])
    expect(t.onStale).toHaveBeenCalledTimes(1)
  })

  it('waits longer after each failure, never beyond 15 s, and from the start after a success', () => {
    const t = start()
    const waits: number[] = []
    for (let i = 0; i < 6; i += 1) {
      const before = t.sockets.length
      t.last().end()
      let waited = 0
      while (t.sockets.length === before) {
        vi.advanceTimersByTime(500)
        waited += 500
      }
      waits.push(waited)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15000, 15000])
    expect(t.onRefused).toHaveBeenCalledTimes(6)
    t.last().say({ type: 'hello', number: 1 })
    t.last().end()
    const before = t.sockets.length
    vi.advanceTimersByTime(1000)
    expect(t.sockets.length).toBe(before + 1)
  })

  it('on reload forgets its number and refetches everything', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 40 })
    const first = t.last()
    first.say({ type: 'reload' })
    expect(first.closed).toBe(true)
    expect(t.last().after).toBeNull()
    t.last().say({ type: 'hello', number: 900 })
    expect(t.onStale).toHaveBeenCalledTimes(2)
    t.last().say(event(901))
    expect(t.seen).toEqual([901])
  })

  it('refetches when the server counts from lower than what was seen', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 40 })
    t.last().end()
    vi.advanceTimersByTime(1000)
    t.last().say({ type: 'hello', number: 3 })
    expect(t.onStale).toHaveBeenCalledTimes(2)
    t.last().say(event(4))
    expect(t.seen).toEqual([4])
  })

  it('stops for good when the session ends', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 1 })
    t.last().end(SESSION_ENDED)
    expect(t.onSignedOut).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(60_000)
    expect(t.sockets).toHaveLength(1)
  })

  it('gives up a line that has gone silent, and lives on pings', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 1 })
    for (let i = 0; i < 4; i += 1) {
      vi.advanceTimersByTime(25_000)
      t.last().say({ type: 'ping' })
    }
    expect(t.sockets).toHaveLength(1)
    vi.advanceTimersByTime(61_100)
    expect(t.sockets).toHaveLength(2)
    expect(t.last().after).toBe(1)
  })

  it('connects at once when nudged, and ignores a nudge while connected', () => {
    const t = start()
    t.client.nudge()
    expect(t.sockets).toHaveLength(1)
    t.last().end()
    t.client.nudge()
    expect(t.sockets).toHaveLength(2)
    vi.advanceTimersByTime(5000)
    expect(t.sockets).toHaveLength(2)
  })

  it('survives frames that are not what was agreed', () => {
    const t = start()
    t.last().say({ type: 'hello', number: 1 })
    t.last().onmessage?.({ data: 'not json' })
    t.last().say(null)
    t.last().say({ type: 'event', number: 'x' })
    t.last().say({ type: 'unknown' })
    expect(t.seen).toEqual([])
    t.last().say(event(2))
    expect(t.seen).toEqual([2])
  })

  it('says nothing more after stop', () => {
    const t = start()
    const socket = t.last()
    t.client.stop()
    expect(socket.closed).toBe(true)
    socket.say(event(5))
    socket.end()
    vi.advanceTimersByTime(60_000)
    expect(t.seen).toEqual([])
    expect(t.sockets).toHaveLength(1)
    expect(t.states.at(-1)).toBe('off')
  })
})
