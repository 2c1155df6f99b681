import { describe, expect, it } from 'vitest'
import { parseOrderPath } from '../../src/orders/link'
import { spokenDay, timeline } from '../../src/orders/timeline'
import { orderUrl } from '../../src/redeem/link'
import { order } from '../fixtures'

const parcel = { courier_name: '顺丰速运', tracking_number: 'SF1', shipped_at: '2026-11-23T05:21:00Z' }

function said(change: Parameters<typeof order>[0]) {
  return timeline(order(change)).map((step) => `${step.label} ${step.state}`)
}

describe('timeline', () => {
  it('shows what is over, what is now and what is ahead', () => {
    expect(said({})).toEqual(['已下单 done', '待发货 now', '已发货 ahead', '已完成 ahead'])
    expect(said({ status: 'shipped', shipments: [parcel] })).toEqual(['已下单 done', '已发货 now', '已完成 ahead'])
    expect(said({ status: 'completed', shipments: [parcel] })).toEqual(['已下单 done', '已发货 done', '已完成 now'])
  })

  it('has no parcel for what was handed over, and no way on for what was cancelled', () => {
    expect(said({ status: 'completed', source: 'counter' })).toEqual(['已下单 done', '已完成 now'])
    expect(said({ status: 'cancelled' })).toEqual(['已下单 done', '已取消 off'])
  })

  it('names the day of the appointment', () => {
    const year = new Date().getFullYear()
    expect(timeline(order({ ship_on: `${year}-12-03` }))[1]?.note).toBe('预约 12月3日发货')
    expect(timeline(order())[1]?.note).toBe('商家会尽快发货')
    expect(spokenDay('2027-01-09', new Date(2026, 10, 24))).toBe('2027年1月9日')
  })

  it('says when the first of several parcels went', () => {
    const steps = timeline(order({ status: 'shipped', shipments: [{ ...parcel, shipped_at: '2026-11-25T05:21:00Z' }, parcel] }))
    expect(steps[1]?.note).toContain('2026-11-23')
  })
})

describe('an order\'s link', () => {
  it('is read back', () => {
    expect(parseOrderPath(new URL(orderUrl('demo', 'a_B-9')).pathname)).toEqual({ slug: 'demo', token: 'a_B-9' })
  })

  it.each(['/c/demo', '/c/demo/A588', '/c/demo/o', '/c/demo/o/', '/c/demo/o/a/b', '/c/%/o/a'])('is not %s', (path) => {
    expect(parseOrderPath(path)).toBeNull()
  })
})
