import { fewest, loadAreas } from '@/components/areas'
import { describe, expect, it } from 'vitest'

describe('areas', () => {
  it('are the whole country, three levels deep, with every city under its province', async () => {
    const { tree, byCode } = await loadAreas()
    expect(tree).toHaveLength(34)
    expect(byCode.get('440305')?.path).toBe('广东省 深圳市 南山区')
    expect(byCode.get('110101')?.path).toBe('北京市 东城区')
    const below = (nodes: typeof tree): number => nodes.reduce((sum, node) => sum + 1 + below(node.children ?? []), 0)
    expect(below(tree)).toBe(byCode.size)
  })

  it('are told in the fewest words', () => {
    expect(fewest(['650100', '650000', '440305', '650102', '440305'])).toEqual(['440305', '650000'])
    expect(fewest(['440300', '440305', '440100'])).toEqual(['440100', '440300'])
    expect(fewest([])).toEqual([])
  })
})
