import { changedBy, exportedBy, madeBy, outcome, refusedBy } from '@/jobs/result'
import { describe, expect, it } from 'vitest'
import { ended, file, job } from './jobs'

describe('what has come of a job', () => {
  it('made cards', () => {
    const made = ended(1, { result: { batch_id: 7, code: '20261124-01', quantity: 1200, first_number: 'A1', last_number: 'A1200' } })
    expect(madeBy(made)).toEqual({ batchId: 7, code: '20261124-01', quantity: 1200, firstNumber: 'A1', lastNumber: 'A1200' })
    expect(outcome(made)).toBe('已生成 1,200 张卡')
    expect(outcome({ ...made, kind: 'import_cards' })).toBe('已导入 1,200 张卡')
    expect(madeBy(job(1))).toBeNull()
  })

  it('changed cards, and why not the others', () => {
    const result = { changed: 180, unchanged: [{ code: 'redeemed', message: '已兑换', count: 15 }, { code: 'already', message: '已经是激活', count: 5 }] }
    const changed = ended(2, { kind: 'change_cards', result })
    expect(changedBy(changed)).toEqual(result)
    expect(outcome(changed)).toBe('180 张已处理，20 张保持原样')
    expect(madeBy(changed)).toBeNull()
  })

  it('exported cards', () => {
    const exported = ended(3, { kind: 'export_cards', file: file(), result: { count: 3, first_number: 'A1', last_number: 'A3', checksum: 'ab12' } })
    expect(exportedBy(exported)).toEqual({ count: 3, firstNumber: 'A1', lastNumber: 'A3', checksum: 'ab12' })
    expect(outcome(exported)).toBe('已导出 3 张卡')
  })

  it('rows to mend', () => {
    const rows = [{ row: 7, number: '0A1', message: '卡号第一位不能是 0' }]
    const failed = job(4, { kind: 'import_cards', status: 'failed', error: { code: 'import_refused', message: '表格中有 93 处需要修改', data: { count: 93, rows } } })
    expect(refusedBy(failed)).toEqual({ count: 93, rows })
    expect(outcome(failed)).toBe('表格中有 93 处需要修改')
    expect(refusedBy(job(5, { status: 'failed', error: { code: 'sheet_damaged', message: '损坏', data: {} } }))).toBeNull()
  })

  it('survives a result that lacks what was agreed', () => {
    expect(changedBy(ended(6, { kind: 'change_cards', result: { changed: 'many', unchanged: 'some' } }))).toEqual({ changed: 0, unchanged: [] })
  })
})
