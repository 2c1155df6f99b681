import type { Me, Permission } from '@/api/types'
import { isCurrent, menuFor, phoneForm } from '@/layout/menu'
import { describe, expect, it } from 'vitest'

const labels = (taken: Permission[]) => menuFor((p) => !p || !taken.includes(p)).map((item) => item.label)

describe('the menu', () => {
  it('has the manual’s order', () => {
    expect(labels([])).toEqual(['首页', '提货前台', '提货商品', '卡券管理', '到店提货', '电话提货', '订单列表', '任务', '管理员', '全局设置'])
  })

  it('has the manual’s order among the cards too', () => {
    const cards = menuFor(() => true).find((item) => item.label === '卡券管理')
    expect(cards && 'children' in cards && cards.children.map((item) => item.label)).toEqual(['创建卡券', '卡券列表', '卡券导入', '批次', '券商管理', '猜密防护'])
  })

  it('hides what the account may not use', () => {
    expect(labels(['cards', 'staff', 'settings'])).toEqual(['首页', '提货前台', '提货商品', '到店提货', '电话提货', '订单列表'])
    expect(labels(['redeeming'])).not.toContain('到店提货')
    expect(labels(['redeeming'])).not.toContain('电话提货')
  })

  it('opens the form for callers on this host, for the cookie goes nowhere else', () => {
    expect(phoneForm({ storefront_url: 'https://shop.example.com/c/demo' } as Me)).toBe('/c/demo?by=phone')
  })

  it('marks one entry for a page', () => {
    expect(isCurrent('/products', '/products/3')).toBe(true)
    expect(isCurrent('/cards', '/cards/new')).toBe(false)
    expect(isCurrent('/cards', '/cards/12')).toBe(true)
    expect(isCurrent('/cards', '/cards/import')).toBe(false)
    expect(isCurrent('/cards/new', '/cards/new')).toBe(true)
    expect(isCurrent('/', '/orders')).toBe(false)
  })
})
