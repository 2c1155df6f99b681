import type { Permission } from '@/api/types'
import { isCurrent, menuFor } from '@/layout/menu'
import { describe, expect, it } from 'vitest'

const labels = (taken: Permission[]) => menuFor((p) => !p || !taken.includes(p)).map((item) => item.label)

describe('the menu', () => {
  it('has the manual’s order', () => {
    expect(labels([])).toEqual(['首页', '提货前台', '提货商品', '卡券管理', '订单列表', '管理员', '全局设置'])
  })

  it('hides what the account may not use', () => {
    expect(labels(['cards', 'staff', 'settings'])).toEqual(['首页', '提货前台', '提货商品', '订单列表'])
  })

  it('marks one entry for a page', () => {
    expect(isCurrent('/products', '/products/3')).toBe(true)
    expect(isCurrent('/cards', '/cards/new')).toBe(false)
    expect(isCurrent('/cards/new', '/cards/new')).toBe(true)
    expect(isCurrent('/', '/orders')).toBe(false)
  })
})
