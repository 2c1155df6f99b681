import { useColumns } from '@/pages/cards/columns'
import { useSession } from '@/session/store'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'

function as(staffId: number) {
  useSession().me = { staff: { id: staffId } } as never
  const scope = effectScope()
  const columns = scope.run(useColumns)
  if (!columns) throw new Error('not set up')
  return { ...columns, names: () => columns.shown.value.map((one) => one.name) }
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

it('keeps the chosen columns and the page size per account', async () => {
  const mine = as(1)
  expect(mine.names()).toContain('batch')
  expect(mine.names()).not.toContain('remark')
  mine.toggle('batch')
  mine.toggle('remark')
  mine.size.value = 100
  await nextTick()
  const again = as(1)
  expect(again.names()).not.toContain('batch')
  expect(again.names().at(-1)).toBe('remark')
  expect(again.size.value).toBe(100)
  const other = as(2)
  expect(other.names()).toContain('batch')
  expect(other.size.value).toBe(50)
  again.reset()
  await nextTick()
  expect(as(1).names()).toEqual(other.names())
})

it('never loses number and status, nor shows what there is not', () => {
  localStorage.setItem('tihuo:cards:columns:1', JSON.stringify(['password', 'serial']))
  localStorage.setItem('tihuo:cards:page-size:1', '100000')
  const columns = as(1)
  expect(columns.names()).toEqual(['serial', 'number', 'status'])
  expect(columns.size.value).toBe(50)
  localStorage.setItem('tihuo:cards:columns:3', '{broken')
  expect(as(3).names()).toEqual(as(4).names())
})
