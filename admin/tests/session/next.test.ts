import { safeNext } from '@/session/next'
import { describe, expect, it } from 'vitest'

describe('where one goes after signing in', () => {
  it('goes back to a page of our own', () => {
    expect(safeNext('/orders?status=shipped')).toBe('/orders?status=shipped')
  })

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'orders', '', undefined, ['/a'], '/sign-in?next=/x'])('never elsewhere: %s', (next) => {
    expect(safeNext(next)).toBe('/')
  })
})
