import { describe, expect, it } from 'vitest'
import { checkCredentials, checkReceiver, controlOf, isMobile, normaliseMobile } from '../../src/redeem/validation'
import { receiver } from '../fixtures'

describe('normaliseMobile', () => {
  it.each([
    '13800138000', '138 0013 8000', '138-0013-8000', '+86 138 0013 8000', '+8613800138000', '8613800138000',
    '0086 13800138000', '１３８００１３８０００',
  ])('%s', (typed) => {
    expect(normaliseMobile(typed)).toBe('13800138000')
    expect(isMobile(typed)).toBe(true)
  })

  it.each(['12800138000', '1380013800', '138001380001', '+1 3800138000', '86138001380', 'abc', ''])('refuses %s', (typed) => {
    expect(isMobile(typed)).toBe(false)
  })
})

describe('checkReceiver', () => {
  it('is content with a whole address', () => {
    expect(checkReceiver(receiver, '')).toEqual({})
  })

  it('names every empty field as the server does', () => {
    const empty = { name: ' ', mobile: '', province: '', city: '', district: '', region_code: null, address: ' x ' }
    expect(Object.keys(checkReceiver(empty, ''))).toEqual([
      'receiver.name', 'receiver.mobile', 'receiver.province', 'receiver.address',
    ])
  })

  it('counts characters, not UTF-16 units', () => {
    expect(checkReceiver({ ...receiver, name: '𠮷'.repeat(32) }, '')).toEqual({})
    expect(checkReceiver({ ...receiver, name: '𠮷'.repeat(33) }, '')).toHaveProperty(['receiver.name'])
    expect(checkReceiver(receiver, '好'.repeat(201))).toHaveProperty('remark')
  })

  it('accepts a city without districts', () => {
    expect(checkReceiver({ ...receiver, district: '' }, '')).toEqual({})
  })
})

describe('checkCredentials', () => {
  it('asks for what is missing', () => {
    expect(checkCredentials(' ', '')).toEqual({ number: '请填写卡号', password: '请填写密码' })
    expect(checkCredentials('A1', '1')).toEqual({})
  })
})

describe('controlOf', () => {
  it('sends errors of city, district and code to the one region control', () => {
    expect(['receiver.city', 'receiver.district', 'receiver.region_code'].map(controlOf)).toEqual(Array(3).fill('receiver.province'))
    expect(controlOf('receiver.mobile')).toBe('receiver.mobile')
  })
})
