import { count, fenFrom, validity, when, yuan } from '@/format'
import { describe, expect, it } from 'vitest'

describe('money', () => {
  it.each([
    [38800, '388'],
    [38850, '388.50'],
    [38805, '388.05'],
    [0, '0'],
    [5, '0.05'],
    [123456789, '1,234,567.89'],
    [-150, '-1.50'],
    [null, ''],
  ])('%s fen reads %s', (fen, text) => expect(yuan(fen)).toBe(text))

  it.each([
    ['388', 38800],
    ['388.5', 38850],
    ['0.29', 29],
    ['1,234.56', 123456],
    ['¥ 388', 38800],
    ['  ', null],
  ])('%s is %s fen', (text, fen) => expect(fenFrom(text)).toBe(fen))

  it.each(['abc', '1.234', '-5', '1e3', '3.'])('%s is not money', (text) => expect(fenFrom(text)).toBeNaN())

  it('comes back as it went', () => {
    for (const fen of [1, 10, 99, 100, 101, 38805, 999999999]) expect(fenFrom(yuan(fen))).toBe(fen)
  })
})

describe('times', () => {
  const now = new Date(2026, 10, 22, 15, 0)
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString()

  it('reads as a person says it', () => {
    expect(when(at(2026, 10, 22, 9, 5), now)).toBe('今天 09:05')
    expect(when(at(2026, 10, 21, 23, 59), now)).toBe('昨天 23:59')
    expect(when(at(2026, 10, 2, 8, 0), now)).toBe('11-02 08:00')
    expect(when(at(2025, 0, 2, 8, 0), now)).toBe('2025-01-02 08:00')
  })

  it('is empty for nothing', () => {
    expect(when(null, now)).toBe('')
    expect(when('rubbish', now)).toBe('')
  })
})

it('says how long a card is good', () => {
  expect(validity(null, null)).toBe('长期有效')
  expect(validity('2026-01-01', null)).toBe('2026-01-01 起')
  expect(validity(null, '2026-12-31')).toBe('至 2026-12-31')
  expect(validity('2026-01-01', '2026-12-31')).toBe('2026-01-01 至 2026-12-31')
})

it('groups large numbers', () => expect(count(1234567)).toBe('1,234,567'))
