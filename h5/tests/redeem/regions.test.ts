import { describe, expect, it } from 'vitest'
import { choices, chosen, loadAreas, pathTo, type Region } from '../../src/redeem/regions'

const areas = await loadAreas()

function walk(...names: string[]): Region[] {
  return names.reduce<Region[]>((path, name) => {
    const region = choices(areas, path).find((one) => one.name === name)
    if (!region) throw new Error(`${name} is not offered`)
    return [...path, region]
  }, [])
}

describe('regions', () => {
  it('offers all 34 provinces first', () => {
    expect(choices(areas, [])).toHaveLength(34)
  })

  it('goes down three levels', () => {
    const path = walk('浙江省', '杭州市', '西湖区')
    expect(choices(areas, path)).toEqual([])
    expect(chosen(path)).toEqual({ province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106' })
  })

  it('knows the municipalities', () => {
    expect(chosen(walk('北京市', '北京市', '东城区')).region_code).toBe('110101')
  })

  it('ends where there are no districts', () => {
    const path = [{ code: '990000', name: '某省' }, { code: '990100', name: '某市' }]
    expect(choices(areas, path)).toEqual([])
    expect(chosen(path)).toEqual({ province: '某省', city: '某市', district: '', region_code: '990100' })
  })

  it('reaches at least one complete address from every city', () => {
    for (const province of choices(areas, [])) {
      expect(choices(areas, [province]).length, province.name).toBeGreaterThan(0)
    }
  })

  it('finds the way back from a code', () => {
    expect(pathTo(areas, '330106').map((region) => region.name)).toEqual(['浙江省', '杭州市', '西湖区'])
    expect(pathTo(areas, null)).toEqual([])
    expect(pathTo(areas, '000000')).toEqual([])
  })
})
