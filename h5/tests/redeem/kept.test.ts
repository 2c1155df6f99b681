import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDraft } from '../../src/redeem/draft'
import { createKeeper } from '../../src/redeem/kept'
import { receiver } from '../fixtures'

const draft = { ...emptyDraft(), number: 'A588-0001', password: 'secret', productId: 2, receiver, remark: '快', shipOn: '2026-12-03' }
const keeper = createKeeper('demo', () => localStorage)

beforeEach(() => { localStorage.clear() })
afterEach(() => { vi.useRealTimers() })

describe('what is kept until another day', () => {
  it('is found by the number however it is written, and only in its shop', () => {
    keeper.keep(draft)
    expect(keeper.find('a5880001')).toMatchObject({ productId: 2, receiver, remark: '快', shipOn: '2026-12-03' })
    expect(createKeeper('other', () => localStorage).find('A588-0001')).toBeNull()
  })

  it('never holds the password', () => {
    keeper.keep(draft)
    expect(JSON.stringify({ ...localStorage })).toContain('张小明')
    expect(JSON.stringify({ ...localStorage })).not.toContain('secret')
  })

  it('holds nothing for an empty form', () => {
    keeper.keep({ ...emptyDraft(), number: 'A1', productId: 1 })
    expect(keeper.any()).toBe(false)
  })

  it('is forgotten after 30 days', () => {
    vi.useFakeTimers({ now: new Date('2026-11-01T00:00:00Z') })
    keeper.keep(draft)
    vi.setSystemTime(new Date('2026-11-30T23:00:00Z'))
    expect(keeper.find('A588-0001')).not.toBeNull()
    vi.setSystemTime(new Date('2026-12-01T01:00:00Z'))
    expect(keeper.find('A588-0001')).toBeNull()
  })

  it('drops the card that was left alone longest', () => {
    for (let at = 1; at <= 21; at += 1) keeper.keep({ ...draft, number: `A${at}000` })
    expect(keeper.find('A1000')).toBeNull()
    expect(keeper.find('A2000')).not.toBeNull()
    expect(keeper.find('A21000')).not.toBeNull()
  })

  it('can be taken out, one or all', () => {
    keeper.keep(draft)
    keeper.keep({ ...draft, number: 'B1' })
    keeper.drop('B1')
    expect(keeper.find('B1')).toBeNull()
    expect(keeper.any()).toBe(true)
    keeper.clear()
    expect(localStorage.length).toBe(0)
  })

  it('does without where storage is broken or refused', () => {
    localStorage.setItem('tihuo:demo:kept:1', '{')
    expect(keeper.any()).toBe(false)
    const refused = createKeeper('demo', () => { throw new Error('denied') })
    expect(() => { refused.keep(draft); refused.clear() }).not.toThrow()
    expect(refused.find('A588-0001')).toBeNull()
  })
})
