import { addMissed, clearMissed, setPageTitle } from '@/live/title'
import { beforeEach, describe, expect, it } from 'vitest'

describe('tab title', () => {
  beforeEach(() => clearMissed())

  it('names the page', () => {
    setPageTitle('订单列表')
    expect(document.title).toBe('订单列表 · 提货后台')
  })

  it('counts what was missed and keeps the count over a change of page', () => {
    setPageTitle('首页')
    addMissed()
    addMissed()
    setPageTitle('批次')
    expect(document.title).toBe('(2) 批次 · 提货后台')
    clearMissed()
    expect(document.title).toBe('批次 · 提货后台')
  })

  it('stays short', () => {
    setPageTitle('')
    for (let i = 0; i < 120; i += 1) addMissed()
    expect(document.title).toBe('(99+) 提货后台')
  })
})
