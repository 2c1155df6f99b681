import { mergeRows } from '@/pages/orders/merge'
import { describe, expect, it } from 'vitest'

const rows = (...ids: number[]) => ids.map((id) => ({ id }))
const ids = (list: { id: number }[]) => list.map((row) => row.id)
const keep = (...kept: number[]) => (row: { id: number }) => kept.includes(row.id)

describe('mergeRows', () => {
  it('is the server’s list when nothing has to stay', () => {
    expect(ids(mergeRows(rows(1, 2, 3), rows(4, 2), keep()))).toEqual([4, 2])
  })

  it('leaves a saved row where it stood', () => {
    expect(ids(mergeRows(rows(1, 2, 3), rows(1, 3), keep(2)))).toEqual([1, 2, 3])
    expect(ids(mergeRows(rows(1, 2, 3), rows(2, 3), keep(1)))).toEqual([1, 2, 3])
    expect(ids(mergeRows(rows(1, 2, 3), rows(1, 2), keep(3)))).toEqual([1, 2, 3])
  })

  it('lets new orders come above and below', () => {
    expect(ids(mergeRows(rows(3, 2, 1), rows(5, 4, 2, 1), keep(3)))).toEqual([5, 4, 3, 2, 1])
    expect(ids(mergeRows(rows(1, 2, 3), rows(1, 3, 4), keep(2)))).toEqual([1, 2, 3, 4])
  })

  it('keeps several in their order, also when all are done', () => {
    expect(ids(mergeRows(rows(1, 2, 3, 4), rows(4), keep(1, 2, 3)))).toEqual([1, 2, 3, 4])
    expect(ids(mergeRows(rows(1, 2, 3), [], keep(1, 2, 3)))).toEqual([1, 2, 3])
  })

  it('never shows a row twice', () => {
    expect(ids(mergeRows(rows(1, 2), rows(2, 1), keep(1, 2)))).toEqual([2, 1])
  })
})
