import { abilities, PERMISSIONS, withImplied } from '@/session/permissions'
import { describe, expect, it } from 'vitest'

describe('what an account can do, in words', () => {
  it('reads a checked box as taken away', () => {
    const words = abilities(['settings', 'staff'])
    expect(words.cannot).toEqual(['修改全局设置', '管理管理员账号'])
    expect(words.can).toContain('管理提货商品')
    expect(words.sentence).toBe('可以：管理提货商品、创建和管理卡券、导出卡号和密码、到店和电话提货、查看订单、填运单号发货。不能：修改全局设置、管理管理员账号。')
  })

  it('says so when nothing is taken away', () => {
    expect(abilities([]).sentence).toBe('没有限制：后台的每一项都可以使用。')
  })

  it('says so when everything is', () => {
    const words = abilities(PERMISSIONS.map((p) => p.name))
    expect(words.can).toEqual([])
    expect(words.sentence).toBe('全部限制：登录后只能看到首页和提货前台。')
  })

  it('takes away what cannot be reached without the rest', () => {
    expect(withImplied(['orders', 'cards'])).toEqual(['cards', 'card_passwords', 'orders', 'shipping'])
    expect(withImplied(['shipping'])).toEqual(['shipping'])
    expect(abilities(['orders']).cannot).toEqual(['查看订单', '填运单号发货'])
  })

  it('keeps the order of the menu, not of the clicks', () => {
    expect(abilities(['staff', 'products']).cannot).toEqual(['管理提货商品', '管理管理员账号'])
  })
})
