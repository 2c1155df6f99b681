import { chipsFor, emptyText, FILTER_NAMES, filterFrom, hasMore, isSame, problemsIn, queryFrom, rangeSize, splitRange, textFrom, type FilterText, type Names } from '@/pages/cards/filter'
import { actionsFor, usageOf } from '@/pages/cards/words'
import { describe, expect, it } from 'vitest'

const text = (changes: Partial<FilterText>): FilterText => ({ ...emptyText(), ...changes })
const names: Names = { batch: (id) => `批${id}`, distributor: (id) => `商${id}`, product: (id) => `品${id}` }
const FULL = text({
  number: 'A5',
  batch_id: '3',
  serial_from: '1001',
  serial_to: '1200',
  status: 'inactive',
  redeemed: 'false',
  distributor_id: '0',
  product_id: '7',
  name: '388 卡',
  usage: 'partly',
  usable: 'true',
  uses: '6',
  expired: 'true',
  face_value_fen: '38850',
  made_from: '2026-01-01',
  made_to: '2026-01-31',
  activated_from: '2026-02-01',
  activated_to: '2026-02-01',
  redeemed_from: '2026-03-01',
  redeemed_to: '2026-03-31',
})

describe('card filter', () => {
  it('leaves out what is empty or nonsense, so that no filter is sent by accident', () => {
    const odd = text({ serial_from: 'abc', status: 'odd', usage: 'toString', redeemed: 'maybe', usable: 'false', number: '  ', batch_id: '0', uses: '101', made_from: '2026-13-45', face_value_fen: '1.5' })
    expect(filterFrom(odd)).toEqual({})
  })

  it('reads every condition from the address bar', () => {
    expect(filterFrom(FULL)).toEqual({
      number: 'A5',
      batch_id: 3,
      serial_from: 1001,
      serial_to: 1200,
      status: 'inactive',
      redeemed: false,
      distributor_id: 0,
      product_id: 7,
      name: '388 卡',
      usage: 'partly',
      usable: true,
      uses: 6,
      expired: true,
      face_value_fen: 38850,
      made_from: '2026-01-01',
      made_to: '2026-01-31',
      activated_from: '2026-02-01',
      activated_to: '2026-02-01',
      redeemed_from: '2026-03-01',
      redeemed_to: '2026-03-31',
    })
  })

  it('goes to the address bar and back unchanged', () => {
    expect(textFrom(filterFrom(FULL))).toEqual(FULL)
    expect(textFrom({ status: 'void', unheard_of: 1, name: null, redeemed: { odd: true } })).toEqual(text({ status: 'void' }))
  })

  it('means the same cards in the list as in a bulk action', () => {
    expect(queryFrom(filterFrom(text({ redeemed: 'false', serial_to: '9' })))).toEqual({ redeemed: false, serial_to: 9 })
    expect(queryFrom({ batch_id: null, number: 'A' })).toEqual({ number: 'A' })
  })

  it('knows a kept filter again', () => {
    expect(isSame(filterFrom(FULL), filterFrom(textFrom({ ...filterFrom(FULL) })))).toBe(true)
    expect(isSame({ status: 'void' }, { status: 'void', batch_id: null })).toBe(true)
    expect(isSame({ status: 'void' }, { status: 'void', distributor_id: 0 })).toBe(false)
  })

  it('reads what people type: full width, separators, a whole range in one box', () => {
    expect(filterFrom(text({ serial_from: ' １，００１ ' }))).toEqual({ serial_from: 1001 })
    expect(splitRange('1001-1200')).toEqual(['1001', '1200'])
    expect(splitRange('1001 到 1200')).toEqual(['1001', '1200'])
    expect(splitRange('1001')).toBeNull()
    expect(splitRange('A5-7')).toBeNull()
  })
})

describe('chips', () => {
  it('say every condition, and each takes its own away', () => {
    const chips = chipsFor(filterFrom(FULL), names)
    expect(chips.map((chip) => chip.text)).toEqual([
      '卡号 A5 开头',
      '批次 批3',
      '卡序号 1001–1200',
      '未激活',
      '未兑换',
      '未分配券商',
      '商品 品7',
      '名称含 388 卡',
      '使用情况 用了一部分',
      '可用（未作废、未提完）',
      '可提 6 次',
      '已过期',
      '面值 ¥388.50',
      '生成于 2026-01-01 至 2026-01-31',
      '激活于 2026-02-01',
      '兑换于 2026-03-01 至 2026-03-31',
    ])
    expect(chips.flatMap((chip) => chip.names).sort()).toEqual([...FILTER_NAMES].sort())
    for (const chip of chips) {
      const left = text({ ...FULL, ...Object.fromEntries(chip.names.map((name) => [name, ''])) })
      expect(chipsFor(filterFrom(left), names).map((one) => one.text)).toEqual(chips.map((one) => one.text).filter((one) => one !== chip.text))
    }
  })

  it('say half-open ranges', () => {
    const of = (changes: Partial<FilterText>) => chipsFor(filterFrom(text(changes)), names).map((chip) => chip.text)
    expect(of({ serial_from: '5' })).toEqual(['卡序号 5 起'])
    expect(of({ serial_to: '5' })).toEqual(['卡序号 5 止'])
    expect(of({ made_to: '2026-01-31' })).toEqual(['生成于 2026-01-31 止'])
    expect(of({ distributor_id: '4' })).toEqual(['券商 商4'])
    expect(of({})).toEqual([])
  })
})

it('opens 更多条件 for the uncommon ones only', () => {
  expect(hasMore(filterFrom(text({ number: 'A', status: 'void', product_id: '1' })))).toBe(false)
  expect(hasMore(filterFrom(text({ expired: 'false' })))).toBe(true)
})

it('says what is wrong with a form by field', () => {
  expect(problemsIn(FULL)).toEqual({})
  expect(problemsIn(text({ serial_from: 'A1' }))).toEqual({ serial_from: '卡序号最小号请填数字，从 1 起' })
  expect(problemsIn(text({ serial_from: '9', serial_to: '3' }))).toEqual({ serial_to: '卡序号的最大号比最小号小，请对调' })
  expect(problemsIn(text({ uses: '0', face_value_fen: 'NaN' }))).toEqual({ uses: '可提次数请填 1 到 100', face_value_fen: '面值请填金额，例如 388 或 388.50' })
  expect(problemsIn(text({ made_from: '2026-02-01', made_to: '2026-01-01' }))).toEqual({ made_to: '结束日期比开始日期早，请对调' })
})

it('counts the serials of a range', () => {
  expect(rangeSize({ serial_from: 1001, serial_to: 1200 })).toBe(200)
  expect(rangeSize({ serial_from: 7, serial_to: 7 })).toBe(1)
  expect(rangeSize({ serial_from: 7 })).toBeNull()
})

it('offers only what can be done with a card', () => {
  expect(actionsFor({ status: 'inactive', redeemed: false, usage: 'unused' })).toEqual(['activate', 'void'])
  expect(actionsFor({ status: 'active', redeemed: false, usage: 'unused' })).toEqual(['deactivate', 'void'])
  expect(actionsFor({ status: 'void', redeemed: false, usage: 'unused' })).toEqual(['restore'])
  expect(actionsFor({ status: 'active', redeemed: true, usage: 'partly' })).toEqual(['deactivate'])
  expect(actionsFor({ status: 'active', redeemed: true, usage: 'used_up' })).toEqual([])
})

it('says how much of a card was used', () => {
  expect(usageOf({ usage: 'partly', uses_total: 6, uses_left: 2 })).toBe('剩 2/6 次')
  expect(usageOf({ usage: 'unused', uses_total: 6, uses_left: 6 })).toBe('剩 6/6 次')
  expect(usageOf({ usage: 'used_up', uses_total: 6, uses_left: 0 })).toBe('6 次已提完')
  expect(usageOf({ usage: 'used_up', uses_total: 1, uses_left: 0 })).toBe('已兑换')
  expect(usageOf({ usage: 'unused', uses_total: 1, uses_left: 1 })).toBe('未兑换')
})
