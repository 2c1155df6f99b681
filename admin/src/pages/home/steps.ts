import type { Home, Permission } from '@/api/types'

export interface Step {
  title: string
  note: string
  to: string
  action: string
  done: boolean
  permission: Permission
}

/** The manual's three steps, and how far a merchant has got. */
export function stepsOf(steps: Home['steps']): Step[] {
  return [
    {
      title: '录入提货商品',
      note: steps.products > 0 ? `已录入 ${steps.products} 种商品` : '顾客能提哪些商品，先录商品名称就行',
      to: steps.products > 0 ? '/products' : '/products/new',
      action: steps.products > 0 ? '查看商品' : '去录入',
      done: steps.products > 0,
      permission: 'products',
    },
    {
      title: '创建卡券',
      note: steps.cards > 0 ? `已创建 ${steps.cards.toLocaleString('zh-CN')} 张卡券` : '生成卡号和密码，导出后交给印刷厂',
      to: steps.cards > 0 ? '/cards' : '/cards/new',
      action: steps.cards > 0 ? '查看卡券' : '去创建',
      done: steps.cards > 0,
      permission: 'cards',
    },
    {
      title: '全局设置',
      note: settingsNote(steps),
      to: steps.storefront_named && !steps.storefront_open ? '/settings/pickup' : '/settings',
      action: steps.storefront_named && steps.storefront_open ? '查看设置' : '去设置',
      done: steps.storefront_named && steps.storefront_open,
      permission: 'settings',
    },
  ]
}

function settingsNote(steps: Home['steps']): string {
  if (!steps.storefront_named) return '换上自己的名称和 Logo，再打开前台提货开关'
  return steps.storefront_open ? '名称已设置，前台已开放' : '名称已设置，还差打开前台提货开关'
}
