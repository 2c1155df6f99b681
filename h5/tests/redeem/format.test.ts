import { describe, expect, it } from 'vitest'
import { minute, newestFirst, place, uses, usesLeft, validity, wait, yuan } from '../../src/redeem/format'
import { card, sixTimes } from '../fixtures'

describe('format', () => {
  it('writes fen as yuan', () => {
    expect([38800, 38850, 5].map(yuan)).toEqual(['388', '388.50', '0.05'])
  })

  it('writes validity', () => {
    expect(validity({ valid_from: '2026-01-01', valid_until: '2026-12-31' })).toBe('2026-01-01 至 2026-12-31')
    expect(validity({ valid_from: null, valid_until: '2026-12-31' })).toBe('至 2026-12-31')
    expect(validity({ valid_from: '2026-01-01', valid_until: null })).toBe('2026-01-01 起')
    expect(validity({ valid_from: null, valid_until: null })).toBe('长期有效')
  })

  it('counts the pick-ups of a card for several, and of no other', () => {
    const cards = [card(), sixTimes(0), sixTimes(2), sixTimes(6), sixTimes(2, { state: 'expired' })]
    expect(cards.map(uses)).toEqual([
      '', '共 6 次，还可提 6 次', '共 6 次，还可提 4 次', '已全部提完（6 次）', '共 6 次，已提 2 次',
    ])
    expect(cards.map(usesLeft)).toEqual(['', '还可提 6 次', '还可提 4 次', '已全部提完（6 次）', '共 6 次，已提 2 次'])
  })

  it('puts the newest order first and leaves the list as it was', () => {
    const { orders } = sixTimes(3)
    expect(newestFirst(orders).map(({ number }) => number)).toEqual(['TH3', 'TH2', 'TH1'])
    expect(orders[0]?.number).toBe('TH1')
  })

  it('writes a moment to the minute and nothing for nonsense', () => {
    expect(minute('2026-11-22T05:21:59Z')).toMatch(/^2026-11-2\d \d\d:21$/)
    expect(minute('soon')).toBe('')
  })

  it('writes waiting times', () => {
    expect([5, 60, 125].map(wait)).toEqual(['5 秒', '1 分钟', '2 分 5 秒'])
  })

  it('names a municipality once', () => {
    expect(place({ province: '北京市', city: '北京市', district: '东城区' })).toBe('北京市 东城区')
    expect(place({ province: '浙江省', city: '杭州市', district: '' })).toBe('浙江省 杭州市')
  })
})
