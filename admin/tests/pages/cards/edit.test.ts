import { editFrom, emptyEdit, problemsInEdit, type EditForm } from '@/pages/cards/edit'
import { columnsOf, PRESETS } from '@/pages/cards/exportColumns'
import { expect, it } from 'vitest'

const form = (changes: Partial<EditForm>): EditForm => ({ ...emptyEdit(), ...changes })

it('sends only what is checked; checked and empty empties', () => {
  const filled = form({ name: '388 卡', face_value: '388.5', remark: '送礼', valid_until: '2026-12-31', distributor_id: 4, product_ids: [9, 2], mode: 'remove' })
  expect(editFrom(filled)).toEqual({})
  expect(editFrom({ ...filled, checked: ['valid_until'] })).toEqual({ valid_until: '2026-12-31' })
  expect(editFrom({ ...filled, checked: ['name', 'products', 'face_value_fen', 'remark', 'distributor_id'] })).toEqual({
    name: '388 卡',
    products: { mode: 'remove', product_ids: [2, 9] },
    face_value_fen: 38850,
    remark: '送礼',
    distributor_id: 4,
  })
  expect(editFrom(form({ checked: ['name', 'face_value_fen', 'valid_from', 'valid_until', 'remark', 'distributor_id'], name: ' ', distributor_id: 0 }))).toEqual({
    name: null,
    face_value_fen: null,
    valid_from: null,
    valid_until: null,
    remark: null,
    distributor_id: null,
  })
})

it('says what is missing, of checked attributes only', () => {
  expect(problemsInEdit(form({}))).toEqual({ form: '请勾选要修改的属性' })
  expect(problemsInEdit(form({ checked: ['remark'], face_value: 'x' }))).toEqual({})
  expect(Object.keys(problemsInEdit(form({ checked: ['products', 'face_value_fen', 'distributor_id'], face_value: 'x' }))).sort()).toEqual(['distributor_id', 'face_value_fen', 'products'])
  expect(problemsInEdit(form({ checked: ['valid_from', 'valid_until'], valid_from: '2026-02-01', valid_until: '2026-01-01' }))).toEqual({ valid_until: '有效期结束不能早于开始' })
})

it('never asks for passwords without the permission, nor for picture files without pictures', () => {
  const printer = PRESETS.find((one) => one.name === 'printer')?.columns ?? []
  expect(columnsOf(printer, 'none', true)).toEqual(['serial', 'number', 'password', 'link', 'name', 'face_value'])
  expect(columnsOf(printer, 'none', false)).not.toContain('password')
  expect(columnsOf(['serial', 'number'], 'png', true)).toEqual(['serial', 'number', 'qr_file'])
  expect(columnsOf(['number', 'serial', 'qr_file'], 'none', true)).toEqual(['serial', 'number'])
  expect(PRESETS.filter((one) => one.columns.includes('password')).map((one) => one.name)).toEqual(['printer'])
})
