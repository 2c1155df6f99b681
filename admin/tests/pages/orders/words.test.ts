import { linesOf, titleOf, whoOf } from '@/pages/orders/changes'
import { appointment, dayName, hasReceiver, sourceOf } from '@/pages/orders/words'
import { describe, expect, it } from 'vitest'
import { handedOver, order } from './orders'

const now = new Date(2026, 10, 24, 9)

describe('an order in words', () => {
  it('names where it came from, and who took it', () => {
    expect(sourceOf(order(1))).toBe('网页')
    expect(sourceOf(order(1, { source: 'phone', operator_name: '小王' }))).toBe('电话 · 小王')
    expect(hasReceiver(handedOver(1))).toBe(false)
  })

  it('names the day, with the year where it is another', () => {
    expect(dayName('2026-12-03', now)).toBe('12月3日')
    expect(dayName('2027-01-05', now)).toBe('2027年1月5日')
  })

  it('is red for a day that has passed unsent, amber on the day, and calm once it is sent', () => {
    expect(appointment(order(1), now)).toBeNull()
    expect(appointment(order(1, { ship_on: '2026-11-23' }), now)).toEqual({ text: '预约 11月23日 · 已过', tone: 'red' })
    expect(appointment(order(1, { ship_on: '2026-11-24' }), now)).toEqual({ text: '预约 11月24日 · 今天', tone: 'amber' })
    expect(appointment(order(1, { ship_on: '2026-12-03' }), now)).toEqual({ text: '预约 12月3日', tone: 'blue' })
    expect(appointment(order(1, { ship_on: '2026-11-01', status: 'shipped' }), now)?.tone).toBe('grey')
  })
})

describe('what was changed of an order', () => {
  const at = '2026-11-24T06:00:00Z'

  it('is read line by line, a place in one line, the code of the region left out', () => {
    const before = { receiver_name: '王五', province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106', address: '文三路 1 号' }
    const after = { receiver_name: '赵六', province: '上海市', city: '上海市', district: '', region_code: '310000', address: '南京路 2 号' }
    const change = { action: 'receiver' as const, by: 'customer' as const, name: '', before, after, at }
    expect(whoOf(change) + titleOf(change)).toBe('顾客改了收货信息')
    expect(linesOf(change)).toEqual([
      { label: '收货人', before: '王五', after: '赵六' },
      { label: '地区', before: '浙江省杭州市西湖区', after: '上海市上海市' },
      { label: '详细地址', before: '文三路 1 号', after: '南京路 2 号' },
    ])
  })

  it('tells of days and of cancelling', () => {
    const year = new Date().getFullYear()
    const moved = { action: 'ship_on' as const, by: 'staff' as const, name: '小王', before: { ship_on: null }, after: { ship_on: `${year}-12-05` }, at }
    expect(whoOf(moved) + titleOf(moved)).toBe('小王改了预约日期')
    expect(linesOf(moved)).toEqual([{ label: '预约', before: '没有预约', after: '12月5日' }])
    expect(linesOf({ action: 'cancelled', by: 'staff', name: '店主', before: { status: 'to_ship' }, after: { status: 'cancelled' }, at })).toEqual([])
  })
})
