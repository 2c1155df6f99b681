import type { Me, Permission } from '@/api/types'
import { Box, CreditCard, Finished, Goods, House, Phone, Sell, Setting, Shop, User } from '@element-plus/icons-vue'
import type { Component } from 'vue'

export interface MenuItem {
  label: string
  to: string
  permission?: Permission
  icon?: Component
  badge?: 'to_ship'
  /** The address of a page outside the back office, which opens in a tab of its own. */
  outside?: (me: Me) => string
}

export interface MenuGroup extends Omit<MenuItem, 'to'> {
  children: MenuItem[]
}

/** The storefront's form for whoever types for a caller; on this host, for the session's cookie goes nowhere else. */
export function phoneForm(me: Me): string {
  return `${new URL(me.storefront_url, window.location.origin).pathname}?by=phone`
}

/** The order of the merchant's manual. */
export const MENU: readonly (MenuItem | MenuGroup)[] = [
  { label: '首页', to: '/', icon: House },
  { label: '提货前台', to: '/storefront', icon: Shop },
  { label: '提货商品', to: '/products', permission: 'products', icon: Goods },
  {
    label: '卡券管理',
    permission: 'cards',
    icon: CreditCard,
    children: [
      { label: '创建卡券', to: '/cards/new', permission: 'cards' },
      { label: '卡券列表', to: '/cards', permission: 'cards' },
      { label: '卡券导入', to: '/cards/import', permission: 'cards' },
      { label: '批次', to: '/batches', permission: 'cards' },
      { label: '券商管理', to: '/distributors', permission: 'cards' },
      { label: '猜密防护', to: '/guessing', permission: 'cards' },
    ],
  },
  { label: '到店提货', to: '/counter', permission: 'redeeming', icon: Sell },
  { label: '电话提货', to: '/phone', permission: 'redeeming', icon: Phone, outside: phoneForm },
  { label: '订单列表', to: '/orders', permission: 'orders', icon: Box, badge: 'to_ship' },
  { label: '任务', to: '/jobs', permission: 'cards', icon: Finished },
  { label: '管理员', to: '/staff', permission: 'staff', icon: User },
  { label: '全局设置', to: '/settings', permission: 'settings', icon: Setting },
]

export function menuFor(can: (permission: Permission | undefined) => boolean): (MenuItem | MenuGroup)[] {
  return MENU.filter((item) => can(item.permission))
}

/** `/products/3` belongs to 提货商品, `/cards/3` to 卡券列表, `/cards/new` does not. */
export function isCurrent(to: string, path: string): boolean {
  if (to === '/') return path === to
  if (to === '/cards') return /^\/cards(\/\d+)?$/.test(path)
  return path === to || path.startsWith(`${to}/`)
}
