import { Burst } from '@/pages/counter/keys'
import { expect, it } from 'vitest'

function type(text: string, gap: number, enterAfter = gap): boolean {
  const burst = new Burst()
  let at = 1000
  for (const key of text) {
    burst.feed(key, at)
    at += gap
  }
  return burst.feed('Enter', at - gap + enterAfter).scanned
}

it('tells a scanner from a person by its speed and length', () => {
  expect(type('https://shop/c/demo/A1', 8)).toBe(true)
  expect(type('A58800000001', 8)).toBe(true)
  expect(type('A58800000001', 160)).toBe(false)
  expect(type('1', 8)).toBe(false)
  expect(type('A58800000001', 8, 900)).toBe(false)
})

it('is not put off by the shift key between a scanner’s letters', () => {
  const burst = new Burst()
  ;[...'A588A588'].forEach((key, index) => {
    burst.feed('Shift', 1000 + index * 8)
    burst.feed(key, 1002 + index * 8)
  })
  expect(burst.feed('Enter', 1070).scanned).toBe(true)
})

it('says where typing begins', () => {
  const burst = new Burst()
  expect([burst.feed('1', 0), burst.feed('2', 10), burst.feed('3', 500)].map((one) => one.begins)).toEqual([true, false, true])
})
