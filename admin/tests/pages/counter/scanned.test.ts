import { isLink, readNumber } from '@/pages/counter/scanned'
import { describe, expect, it } from 'vitest'

describe('a card’s number, typed or scanned', () => {
  it('is taken as typed, and out of the card’s own link', () => {
    expect(readNumber(' A588 0001 ', 'demo')).toEqual({ number: 'A5880001' })
    expect(readNumber('https://shop.example.com/c/demo/A58800000001', 'demo')).toEqual({ number: 'A58800000001' })
    expect(readNumber('https://shop.example.com/c/demo/A588?from=print#x', 'demo')).toEqual({ number: 'A588' })
  })

  it('is read with the caps lock on, and in the full width of an input method', () => {
    expect(readNumber('HTTPS://SHOP.EXAMPLE.COM/C/DEMO/A588', 'demo')).toEqual({ number: 'A588' })
    expect(readNumber('ｈｔｔｐｓ：／／ｓｈｏｐ／ｃ／ｄｅｍｏ／Ａ５８８', 'demo')).toEqual({ number: 'A588' })
  })

  it('is refused from another shop’s card, and from what is no card', () => {
    expect(readNumber('https://shop.example.com/c/other/A588', 'demo')).toEqual({ refusal: '这是另一家商户的卡，不能在这里提货' })
    expect(readNumber('https://shop.example.com/c/demo', 'demo')).toHaveProperty('refusal', expect.stringContaining('提货前台的二维码'))
    expect(readNumber('https://weixin.qq.com/r/abc', 'demo')).toHaveProperty('refusal', expect.stringContaining('不是提货卡上的二维码'))
    expect(readNumber('  ', 'demo')).toEqual({ refusal: '请输入或扫描卡号' })
  })

  it('stays as it is where the link is broken', () => {
    expect(readNumber('https://shop/c/demo/A%5', 'demo')).toEqual({ number: 'A%5' })
  })

  it('is told from a password', () => {
    expect(isLink('8842019375')).toBe(false)
    expect(isLink('http://x/c/demo/A1')).toBe(true)
  })
})
