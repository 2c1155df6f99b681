import { describe, expect, it } from 'vitest'
import type { Redemption } from '../../src/api/types'
import { fateOf, intentFor, isFor } from '../../src/redeem/intent'
import { card, receiver, sixTimes } from '../fixtures'

const redemption: Redemption = { number: 'A1', password: '1', product_id: 1, receiver, remark: '', ship_on: null, source: 'h5' }

describe('intentFor', () => {
  it('makes a key that the server accepts', () => {
    expect(intentFor(null, redemption, card()).key).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
  })

  it('keeps the key for the same form, also after a reload', () => {
    const first = intentFor(null, redemption, card())
    const reloaded = JSON.parse(JSON.stringify(first)) as typeof first
    expect(intentFor(reloaded, { ...redemption, receiver: { ...receiver } }, card())).toEqual(first)
    expect(isFor(reloaded, { ...redemption, receiver: { ...receiver } })).toBe(true)
  })

  it('makes a new one when anything in the form changed', () => {
    const first = intentFor(null, redemption, card())
    const others = [
      { ...redemption, product_id: 2 },
      { ...redemption, remark: '快' },
      { ...redemption, ship_on: '2026-12-03' },
      { ...redemption, receiver: { ...receiver, address: '别处 1 号' } },
    ]
    const keys = others.map((other) => intentFor(first, other, card()).key)
    expect(new Set([first.key, ...keys]).size).toBe(5)
    expect(others.map((other) => isFor(first, other))).toEqual([false, false, false, false])
  })
})

describe('fateOf', () => {
  const intent = intentFor(null, redemption, sixTimes(1))

  it('is open as long as the card has the orders it had', () => {
    expect(fateOf(intent, sixTimes(1))).toBe('open')
    expect(fateOf(intent, sixTimes(1, { uses_left: 6 }))).toBe('open')
  })

  it('is over once an order came, even one that was cancelled and gave the card back', () => {
    expect(fateOf(intent, sixTimes(2))).toBe('order came')
    expect(fateOf(intent, sixTimes(2, { uses_left: 5 }))).toBe('order came')
  })

  it("says nothing about another card's orders", () => {
    expect(fateOf(intent, sixTimes(3, { number: 'B1' }))).toBe('other card')
  })
})
