import type { Card, JobView, Selection } from '@/api/types'
import { vi } from 'vitest'
import { job as anyJob } from '../../jobs/jobs'

export interface Sent {
  method: string
  path: string
  query: Record<string, string>
  body: unknown
}

/** Answers calls in place of the server; `answer` gives status and body. Keeps what was sent. */
export function serve(answer: (sent: Sent, signal: AbortSignal) => [number, unknown] | Promise<[number, unknown]>): Sent[] {
  const all: Sent[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request
    const url = new URL(request.url)
    const sent: Sent = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: request.method === 'GET' ? null : await request.json().catch(() => null),
    }
    all.push(sent)
    const [status, body] = await answer(sent, request.signal)
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
  return all
}

export function card(serial: number, changes: Partial<Card> = {}): Card {
  return {
    id: serial,
    serial,
    number: `A${serial}`,
    name: '',
    batch: { id: 1, code: '20260101-01' },
    status: 'inactive',
    redeemed: false,
    usage: 'unused',
    uses_total: 1,
    uses_left: 1,
    expired: false,
    products: [{ id: 1, name: '苹果' }],
    face_value_fen: null,
    valid_from: null,
    valid_until: null,
    remark: '',
    distributor: null,
    made_at: '2026-01-01T00:00:00Z',
    activated_at: null,
    redeemed_at: null,
    ...changes,
  }
}

export function selection(changes: Partial<Selection> = {}): Selection {
  return {
    id: 5,
    action: 'activate',
    count: 3000,
    will_change: 2950,
    unchanged: [
      { code: 'already_active', message: '已经是激活状态', count: 48 },
      { code: 'is_void', message: '已作废，须先恢复', count: 2 },
    ],
    first_serial: 1001,
    last_serial: 4000,
    needs_password: false,
    expires_at: '2026-01-01T01:00:00Z',
    ...changes,
  }
}

export function job(changes: Partial<JobView> = {}): JobView {
  return anyJob(77, { kind: 'change_cards', title: '激活 2,950 张卡', cancellable: false, total: 2950, done: 1000, seconds_left: 3, ...changes })
}
