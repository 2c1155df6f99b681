import { describe, expect, it } from 'vitest'
import { parsePath, parseScan, sameNumber, typedNumber } from '../../src/redeem/link'

describe('parsePath', () => {
  it.each([
    ['/c/demo', { slug: 'demo', number: '' }],
    ['/c/demo/', { slug: 'demo', number: '' }],
    ['/c/demo/A588%2000001', { slug: 'demo', number: 'A588 00001' }],
  ])('reads %s', (path, link) => {
    expect(parsePath(path)).toEqual(link)
  })

  it.each(['/', '/h5/', '/c/', '/c/demo/a/b', '/c/demo/%E0%A4%A'])('refuses %s', (path) => {
    expect(parsePath(path)).toBeNull()
  })
})

describe('parseScan', () => {
  it.each([
    ['https://shop.test/c/demo/A58800000001', 'A58800000001'],
    ['http://other-host.test/c/demo/A58800000001?from=qr', 'A58800000001'],
    ['  A588-0000-0001\n', 'A588-0000-0001'],
    ['10001', '10001'],
    ['Ａ５８８　０００１', 'A588 0001'],
  ])('finds the number in %s', (content, number) => {
    expect(parseScan(content, 'demo')).toEqual({ number })
  })

  it("says so when the card is another shop's", () => {
    expect(parseScan('https://shop.test/c/other/A588', 'demo')).toEqual({ problem: expect.stringContaining('不是本店的') })
  })

  it.each(['https://example.test/', 'https://shop.test/c/demo', 'weixin://x', '你好', 'https://', ''])(
    'takes nothing from %s',
    (content) => {
      expect(parseScan(content, 'demo')).toEqual({ problem: expect.stringContaining('不是提货卡') })
    },
  )
})

describe('typedNumber', () => {
  it.each(['A588 0000-0001', 'a588—0001', 'Ａ５８８０００１', 'A588.OOOl', '卡号 A588', 'A/588'])('takes %s as it is', (typed) => {
    expect(typedNumber(` ${typed} `, 'demo')).toEqual({ number: typed })
  })

  it("finds the number in a card's whole link", () => {
    expect(typedNumber(' https://shop.test/c/demo/A58800000001\n', 'demo')).toEqual({ number: 'A58800000001' })
    expect(typedNumber('https://shop.test/c/other/A588', 'demo')).toEqual({ problem: expect.stringContaining('不是本店的') })
  })
})

describe('sameNumber', () => {
  it('compares as the server does', () => {
    expect(sameNumber('a588-0000 0001', 'Ａ５８８00000001')).toBe(true)
    expect(sameNumber('a588–oo01', 'A588·0O0l')).toBe(true)
    expect(sameNumber('A5881', 'A5882')).toBe(false)
  })
})
