import type { Permission } from '@/api/types'

interface PermissionWords {
  name: Permission
  label: string
  /** Follows 可以 or 不能. */
  can: string
  hint: string
  /** Out of reach without this one, so it goes with it. */
  needs?: Permission
}

/** In the order of the menu. */
export const PERMISSIONS: readonly PermissionWords[] = [
  { name: 'products', label: '提货商品', can: '管理提货商品', hint: '录入、修改、上下架商品' },
  { name: 'cards', label: '卡券管理', can: '创建和管理卡券', hint: '创建、导入、查询、激活、作废卡券，管理券商' },
  { name: 'card_passwords', label: '导出卡券密码', can: '导出卡号和密码', hint: '导出的表格里有密码', needs: 'cards' },
  { name: 'redeeming', label: '到店提货、电话提货', can: '到店和电话提货', hint: '用顾客的卡号和密码替顾客提货' },
  { name: 'orders', label: '订单查看', can: '查看订单', hint: '含收货人姓名、手机、地址' },
  { name: 'shipping', label: '订单发货', can: '填运单号发货', hint: '把待发订单改为已发', needs: 'orders' },
  { name: 'settings', label: '全局设置', can: '修改全局设置', hint: '名称、Logo、前台开关等' },
  { name: 'staff', label: '管理员', can: '管理管理员账号', hint: '新建账号、改权限、停用' },
]

export function permissionLabel(name: Permission): string {
  return PERMISSIONS.find((p) => p.name === name)?.label ?? name
}

/** What is really taken away: who may not see orders cannot ship them. In the order of the menu. */
export function withImplied(restrictions: readonly Permission[]): Permission[] {
  return PERMISSIONS.filter((p) => restrictions.includes(p.name) || (p.needs && restrictions.includes(p.needs))).map((p) => p.name)
}

export interface Abilities {
  can: string[]
  cannot: string[]
  sentence: string
}

/** A checked box takes the permission away (勾选即限制); this says in words what is left. */
export function abilities(restrictions: readonly Permission[]): Abilities {
  const taken = new Set(withImplied(restrictions))
  const can = PERMISSIONS.filter((p) => !taken.has(p.name)).map((p) => p.can)
  const cannot = PERMISSIONS.filter((p) => taken.has(p.name)).map((p) => p.can)
  return { can, cannot, sentence: sentence(can, cannot) }
}

function sentence(can: string[], cannot: string[]): string {
  if (cannot.length === 0) return '没有限制：后台的每一项都可以使用。'
  if (can.length === 0) return '全部限制：登录后只能看到首页和提货前台。'
  return `可以：${can.join('、')}。不能：${cannot.join('、')}。`
}
