import { isOutdated, percent, progressWords, timeLeft } from '@/jobs/progress'
import { describe, expect, it } from 'vitest'
import { ended, job } from './jobs'

describe('how far a job is', () => {
  it.each<[number | null, string]>([
    [null, ''],
    [0, '马上就好'],
    [12, '约剩 12 秒'],
    [59, '约剩 59 秒'],
    [60, '约剩 1 分钟'],
    [100, '约剩 2 分钟'],
    [3600, '约剩 1 小时'],
    [5400, '约剩 1 小时 30 分钟'],
  ])('%j seconds: %j', (seconds, words) => expect(timeLeft(seconds)).toBe(words))

  it('never says 100 % before the end, and nothing while the total is unknown', () => {
    expect(percent(job(1, { done: 320, total: 1000 }))).toBe(32)
    expect(percent(job(1, { done: 1000, total: 1000 }))).toBe(99)
    expect(percent(job(1, { done: 0, total: 0 }))).toBeNull()
    expect(percent(ended(1, { total: 0, done: 0 }))).toBe(100)
  })

  it('says it in words', () => {
    expect(progressWords(job(1, { done: 320_000, total: 1_000_000, seconds_left: 12 }))).toBe('已处理 320,000 / 1,000,000，约剩 12 秒')
    expect(progressWords(job(1, { kind: 'import_cards', total: 0 }))).toBe('正在检查表格…')
    expect(progressWords(job(1, { status: 'undoing' }))).toBe('正在取消，并撤销已处理的部分…')
    const error = { code: 'x', message: '卡号已被占用', data: {} }
    expect(progressWords(job(1, { status: 'undoing', error }))).toBe('没有成功，正在撤销已处理的部分…')
    expect(progressWords(job(1, { status: 'failed', error }))).toBe('卡号已被占用')
  })

  it('knows older news from newer', () => {
    const known = job(1, { done: 500 })
    expect(isOutdated(job(1, { done: 400 }), known)).toBe(true)
    expect(isOutdated(job(1, { done: 500, cancellable: false }), known)).toBe(false)
    expect(isOutdated(job(1, { status: 'waiting', done: 500 }), known)).toBe(true)
    expect(isOutdated(job(1, { status: 'undoing', done: 100 }), known)).toBe(false)
    expect(isOutdated(job(1, { done: 900 }), ended(1))).toBe(true)
  })
})
