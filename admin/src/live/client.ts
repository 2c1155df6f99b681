import type { JobView } from '@/api/types'

/**
 * The WebSocket behind the live screens. Nothing is missed and nothing shows twice: it remembers the highest
 * event number, asks for what came after it when it reconnects, and drops numbers it has already had.
 */

export interface LiveOrder {
  id: number
  number: string
  status: string
  source: string
  ship_on: string | null
  placed_at: string
  product_name: string
  receiver_name: string
  city: string
  product_picture: string | null
}

interface Numbered {
  type: 'event'
  number: number
  at: string
}

export interface OrderEvent extends Numbered {
  kind: 'order_placed' | 'order_shipped' | 'order_changed'
  data: { order: LiveOrder }
}

export interface JobEvent extends Numbered {
  kind: 'job_changed'
  data: { job: JobView }
}

/** A limit on guessing that was reached. `subject`: the card's number, the address or the prefix; empty for all cards. */
export interface Alarm {
  scope: 'card' | 'address' | 'prefix' | 'merchant'
  subject: string
  failures: number
}

export interface AlarmEvent extends Numbered {
  kind: 'guessing_alarm'
  data: Alarm
}

export type LiveEvent = OrderEvent | JobEvent | AlarmEvent

type Frame = LiveEvent | { type: 'hello'; number: number } | { type: 'ping' } | { type: 'reload' }

export type LiveState = 'off' | 'connecting' | 'open' | 'waiting'

export interface LiveSocket {
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  close(): void
}

export interface LiveOptions {
  open: (after: number | null) => LiveSocket
  onEvent: (event: LiveEvent) => void
  /** Everything shown may be out of date: fetch it anew. */
  onStale: () => void
  onState: (state: LiveState) => void
  onSignedOut: () => void
  /** The server could not be reached or refused the socket, which look alike from here. */
  onRefused?: () => void
  random?: () => number
}

export const SESSION_ENDED = 4401
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 15_000
/** The server pings every 25 s; two missed pings mean that the line is dead although nobody closed it. */
const SILENCE = 60_000

export class LiveClient {
  private last: number | null = null
  private socket: LiveSocket | null = null
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private running = false

  constructor(private readonly options: LiveOptions) {}

  get lastNumber(): number | null {
    return this.last
  }

  start(): void {
    if (this.running) return
    this.running = true
    this.connect()
  }

  stop(): void {
    this.running = false
    clearTimeout(this.timer)
    this.drop()
    this.options.onState('off')
  }

  /** The network is back or the tab was woken: do not sit out the rest of the wait. */
  nudge(): void {
    if (!this.running || this.socket) return
    clearTimeout(this.timer)
    this.failures = 0
    this.connect()
  }

  private connect(): void {
    this.options.onState('connecting')
    const socket = this.options.open(this.last)
    const asked = this.last
    let greeted = false
    this.socket = socket
    this.listen()
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return
      this.listen()
      const frame = parse(data)
      if (!frame) return
      if (frame.type === 'hello') {
        greeted = true
        this.failures = 0
        this.greet(frame.number, asked)
      } else if (frame.type === 'event') this.take(frame)
      else if (frame.type === 'reload') this.reload()
    }
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return
      this.socket = null
      clearTimeout(this.silence)
      if (code === SESSION_ENDED) {
        this.stop()
        this.options.onSignedOut()
        return
      }
      if (!greeted) this.options.onRefused?.()
      this.retry()
    }
  }

  private greet(number: number, asked: number | null): void {
    this.options.onState('open')
    if (asked === null) {
      this.last = number
      this.options.onStale()
    } else if (number < asked) {
      // The server counts from a restored copy; what we know is worth nothing.
      this.last = number
      this.options.onStale()
    }
  }

  private take(event: LiveEvent): void {
    if (this.last !== null && event.number <= this.last) return
    this.last = event.number
    this.options.onEvent(event)
  }

  private reload(): void {
    this.last = null
    this.drop()
    this.connect()
  }

  private retry(): void {
    if (!this.running) return
    this.options.onState('waiting')
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures)
    this.failures += 1
    // Spread out, so that a restarted server is not hit by every screen in the same instant.
    const spread = 0.8 + 0.2 * (this.options.random ?? Math.random)()
    this.timer = setTimeout(() => this.connect(), wait * spread)
  }

  private listen(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      this.drop()
      this.retry()
    }, SILENCE)
  }

  private drop(): void {
    clearTimeout(this.silence)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }
}

function parse(data: unknown): Frame | null {
  if (typeof data !== 'string') return null
  try {
    const value = JSON.parse(data) as Partial<Frame> | null
    if (!value || typeof value.type !== 'string') return null
    if ((value.type === 'hello' || value.type === 'event') && typeof value.number !== 'number') return null
    return value as Frame
  } catch {
    return null
  }
}
