import { filterFrom, queryFrom, wordsFor, type FilterText } from '@/pages/cards/filter'
import { actionsFor } from '@/pages/cards/words'
import { describe, expect, it } from 'vitest'

const text = (changes: Partial<FilterText>): FilterText => ({ batch_id: '', number: '', serial_from: '', serial_to: '', status: '', redeemed: '', ...changes })

describe('card filter', () => {
  it('leaves out what is empty or nonsense, so that no filter is sent by accident', () => {
    expect(filterFrom(text({ serial_from: 'abc', status: 'odd', redeemed: 'maybe', number: '  ' }))).toEqual({})
  })

  it('reads the address bar', () => {
    expect(filterFrom(text({ batch_id: '3', serial_from: '1', serial_to: '200', status: 'inactive', redeemed: 'false', number: ' A5 ' }))).toEqual({
      batch_id: 3,
      serial_from: 1,
      serial_to: 200,
      status: 'inactive',
      redeemed: false,
      number: 'A5',
    })
  })

  it('means the same cards in list and bulk change', () => {
    const filter = filterFrom(text({ redeemed: 'false', serial_to: '9' }))
    expect(queryFrom(filter)).toEqual({ redeemed: false, serial_to: 9 })
  })

  it('says itself in words', () => {
    const filter = filterFrom(text({ batch_id: '3', serial_from: '1', serial_to: '200', status: 'inactive', redeemed: 'false' }))
    expect(wordsFor(filter, [{ id: 3, code: '20261122-01' }])).toEqual(['批次 20261122-01', '卡序号 1 – 200', '未激活', '未兑换'])
    expect(wordsFor({}, [])).toEqual([])
    expect(wordsFor({ redeemed: false }, [])).toEqual(['未兑换'])
  })
})

it('offers only what can be done with a card', () => {
  expect(actionsFor({ status: 'inactive', redeemed: false })).toEqual(['activate', 'void'])
  expect(actionsFor({ status: 'active', redeemed: false })).toEqual(['deactivate', 'void'])
  expect(actionsFor({ status: 'void', redeemed: false })).toEqual(['restore'])
  expect(actionsFor({ status: 'active', redeemed: true })).toEqual([])
})
