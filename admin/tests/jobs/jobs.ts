import type { JobView } from '@/api/types'

export function job(id: number, changes: Partial<JobView> = {}): JobView {
  return {
    id,
    kind: 'make_cards',
    permission: 'cards',
    title: `任务 ${id}`,
    status: 'running',
    cancellable: true,
    total: 1000,
    done: 0,
    seconds_left: null,
    staff_id: 1,
    created_by: '店主',
    created_at: '2026-11-24T06:00:00Z',
    started_at: '2026-11-24T06:00:01Z',
    finished_at: null,
    result: {},
    error: null,
    file: null,
    ...changes,
  }
}

export const ended = (id: number, changes: Partial<JobView> = {}): JobView =>
  job(id, { status: 'done', cancellable: false, done: 1000, finished_at: '2026-11-24T06:01:00Z', ...changes })

export const file = (changes: Partial<NonNullable<JobView['file']>> = {}): NonNullable<JobView['file']> => ({
  name: '卡券-1-3.xlsx',
  size: 6,
  once: false,
  expires_at: '2099-01-01T00:00:00Z',
  available: true,
  ...changes,
})
