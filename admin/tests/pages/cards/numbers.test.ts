import { prefixProblem, previewFirst, QUICK_RULE, roomFor, type NumberRule } from '@/pages/cards/numbers'
import { describe, expect, it } from 'vitest'

const rule = (changes: Partial<NumberRule>): NumberRule => ({ ...QUICK_RULE, ...changes })
const made = (prefix: string, last_number: string | null, order: 'sequential' | 'random' = 'sequential') => ({ prefix, last_number, order })

describe('the first number', () => {
  it('is the one after the start number, whatever the length', () => {
    expect(previewFirst(rule({ start_number: 10000 })).first).toBe('10001')
    expect(previewFirst(rule({ start_number: 10000, prefix: 'A', number_length: 3 })).first).toBe('A10001')
    expect(previewFirst(rule({ start_number: 0 })).first).toBe('1')
  })

  it('fills the length behind a prefix', () => {
    expect(previewFirst(rule({ prefix: 'A588' })).first).toBe('A58800000001')
    expect(previewFirst(rule({ prefix: ' a588 ', number_length: 4 })).first).toBe('A5880001')
  })

  it('does not begin with 0 without a prefix', () => {
    expect(previewFirst(rule({})).first).toBe('10000001')
  })

  it('goes on where the last batch with the same prefix and length ended', () => {
    const batches = [made('A588', 'A58800000120'), made('A588', 'A58800000300'), made('A588', 'A5880999'), made('B', 'B00000777'), made('A588', 'A58899999999', 'random')]
    expect(previewFirst(rule({ prefix: 'A588' }), batches)).toEqual({ first: 'A58800000301', note: '前缀后面 8 位数字，接着上一批往下编' })
    expect(previewFirst(rule({}), [made('', '10000500')]).first).toBe('10000501')
  })

  it('takes no notice of a batch that has no numbers yet', () => {
    expect(previewFirst(rule({ prefix: 'A588' }), [made('A588', null), made('A588', 'A58800000003')]).first).toBe('A58800000004')
  })

  it('shows no number for a prefix that cannot be', () => {
    expect(previewFirst(rule({ prefix: '0A' }))).toEqual({ first: '—', note: '卡号前缀第一位不能是 0' })
  })

  it('leaves open what only the server draws', () => {
    expect(previewFirst(rule({ prefix: 'A', number_length: 6, order: 'random' })).first).toBe('Axxxxxx')
  })
})

it('knows the room that the length leaves', () => {
  expect(roomFor(rule({ number_length: 3 }))).toBe(1000)
  expect(roomFor(rule({ number_length: 3, start_number: 5 }))).toBeNull()
})

it.each([
  ['', ''],
  ['A588', ''],
  ['388', ''],
  ['0A', '卡号前缀第一位不能是 0'],
  ['A-5', '卡号前缀只能是数字和字母'],
  ['卡', '卡号前缀只能是数字和字母'],
])('prefix %j: %j', (prefix, problem) => expect(prefixProblem(prefix)).toBe(problem))
