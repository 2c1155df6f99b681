import { describe, expect, it } from 'vitest'
import { areaProblem, covers, sharedAreas } from '../../src/redeem/areas'

const xinjiang = { code: '650000', name: '新疆维吾尔自治区' }
const hangzhou = { code: '330100', name: '杭州市' }

describe('covers', () => {
  it.each([
    ['650000', '650102', true], ['650000', '640102', false],
    ['330100', '330106', true], ['330100', '330206', false],
    ['330106', '330106', true], ['330106', '330105', false], ['330106', '330100', false],
  ])('%s covers %s: %s', (area, code, covered) => {
    expect(covers(area, code)).toBe(covered)
  })
})

describe('areaProblem', () => {
  const product = { undeliverable: [xinjiang, hangzhou], undeliverable_note: '冷链不到' }

  it('says what the server would say', () => {
    expect(areaProblem(product, '650102')).toBe('抱歉，新疆维吾尔自治区暂不发货，请更换收货地址（冷链不到）')
    expect(areaProblem({ ...product, undeliverable_note: '' }, '330106')).toBe('抱歉，杭州市暂不发货，请更换收货地址')
  })

  it('is none elsewhere, and where the code is not known', () => {
    expect(areaProblem(product, '330206')).toBe('')
    expect(areaProblem(product, null)).toBe('')
  })
})

describe('sharedAreas', () => {
  const one = { undeliverable: [xinjiang], undeliverable_note: '' }

  it('is what all products have', () => {
    expect(sharedAreas([one, { ...one }])).toEqual(one)
    expect(sharedAreas([one, { undeliverable: [hangzhou], undeliverable_note: '' }])).toBeNull()
    expect(sharedAreas([{ undeliverable: [], undeliverable_note: '' }])).toBeNull()
    expect(sharedAreas([])).toBeNull()
  })
})
