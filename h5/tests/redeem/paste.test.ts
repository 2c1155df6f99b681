import { describe, expect, it } from 'vitest'
import { emptyDraft } from '../../src/redeem/draft'
import { conflicts, filled, linesOf } from '../../src/redeem/paste'
import { receiver, split } from '../fixtures'

const empty = { receiver: emptyDraft().receiver, remark: '' }
const typed = { receiver: { ...receiver }, remark: '快' }
const read = split()

describe('what was read', () => {
  it('is shown line by line, with what is missing and what is not sure', () => {
    const lines = linesOf(split({ name: '', missing: ['name'], unsure: ['district'] }))
    expect(lines.map((line) => [line.label, line.mark])).toEqual([
      ['收货人', '没有识别到'], ['手机号', ''], ['所在地区', '请核对'], ['详细地址', ''],
    ])
  })

  it("shows a virtual number's extension and a landline", () => {
    expect(linesOf(split({ extension: '1234' }))[1]?.text).toBe('13900139000 转 1234')
    expect(linesOf(split({ mobile: '', phone: '0571-88886666' })).map((line) => line.text)).toContain('0571-88886666')
  })

  it('says 北京市 once', () => {
    expect(linesOf(split({ province: '北京市', city: '北京市', district: '东城区' }))[2]?.text).toBe('北京市 东城区')
  })
})

describe('filled', () => {
  it('fills an empty form', () => {
    expect(filled(empty, read, false)).toEqual({
      receiver: {
        name: '王五', mobile: '13900139000', province: '广东省', city: '深圳市', district: '南山区', region_code: '440305',
        address: '科技园 1 号',
      },
      remark: '',
    })
  })

  it('leaves what was typed, or takes its place', () => {
    expect(filled(typed, read, false)).toEqual(typed)
    const half = { receiver: { ...receiver, name: '', address: ' ' }, remark: '' }
    expect(filled(half, read, false).receiver).toMatchObject({ name: '王五', address: '科技园 1 号', city: '杭州市', mobile: receiver.mobile })
    expect(filled(typed, read, true).receiver).toMatchObject({ name: '王五', city: '深圳市', region_code: '440305' })
  })

  it('never empties a field that was not found', () => {
    const nothing = split({ name: '', mobile: '', province: '', city: '', district: '', region_code: '', address: '' })
    expect(filled(typed, nothing, true)).toEqual(typed)
  })

  it("keeps a virtual number's extension at the end of the address, once", () => {
    const virtual = split({ extension: '1234' })
    const once = filled(empty, virtual, true)
    expect(once.receiver.address).toBe('科技园 1 号（电话转 1234）')
    expect(filled(once, virtual, false)).toEqual(once)
  })

  it('keeps the extension in the remark where the address is full or missing', () => {
    const long = filled(empty, split({ extension: '1234', address: '路'.repeat(125) }), true)
    expect(long.receiver.address).toHaveLength(125)
    expect(long.remark).toBe('收货电话转 1234')
    expect(filled(empty, split({ extension: '1234', address: '' }), true).remark).toContain('1234')
  })

  it('keeps a second number in the remark', () => {
    expect(filled(typed, split({ phone: '0571-88886666' }), true).remark).toBe('快；另有电话 0571-88886666')
  })

  it("does not give another number's extension to the one that was typed", () => {
    const kept = filled(typed, split({ extension: '1234' }), false)
    expect(kept.receiver.address + kept.remark).not.toContain('1234')
  })
})

describe('conflicts', () => {
  it('is whether something typed stands in the way', () => {
    expect(conflicts(empty, read)).toBe(false)
    expect(conflicts(typed, read)).toBe(true)
    expect(conflicts(filled(empty, read, true), read)).toBe(false)
  })
})
