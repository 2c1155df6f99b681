import { describe, expect, it } from 'vitest'
import type { Redemption } from '../../src/api/types'
import { intentFor } from '../../src/redeem/intent'
import { receiver } from '../fixtures'

const redemption: Redemption = { number: 'A1', password: '1', product_id: 1, receiver, remark: '', source: 'h5' }

describe('intentFor', () => {
  it('makes a key that the server accepts', () => {
    expect(intentFor(null, redemption).key).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
  })

  it('keeps the key for the same form, also after a reload', () => {
    const first = intentFor(null, redemption)
    const reloaded = JSON.parse(JSON.stringify(first)) as typeof first
    expect(intentFor(reloaded, { ...redemption, receiver: { ...receiver } })).toEqual(first)
  })

  it('makes a new one when anything in the form changed', () => {
    const first = intentFor(null, redemption)
    const others = [
      { ...redemption, product_id: 2 },
      { ...redemption, remark: '快' },
      { ...redemption, receiver: { ...receiver, address: '别处 1 号' } },
    ]
    const keys = others.map((other) => intentFor(first, other).key)
    expect(new Set([first.key, ...keys]).size).toBe(4)
  })
})
