import { FIGURES, listOf, openFirst } from '@/pages/distributors/figures'
import { expect, it } from 'vitest'

it('leads from each figure to the cards behind it', () => {
  expect(Object.fromEntries(FIGURES.map((figure) => [figure.name, listOf({ id: 3 }, figure)]))).toEqual({
    assigned: { distributor_id: '3' },
    activated: { distributor_id: '3', status: 'active' },
    redeemed: { distributor_id: '3', redeemed: 'true' },
    left: { distributor_id: '3', usable: 'true', expired: 'false' },
    expired: { distributor_id: '3', usable: 'true', expired: 'true' },
  })
})

it('lists those that are open first, each in the order they came', () => {
  const one = (id: number, closed: boolean) => ({ id, closed, name: '', contact: '', phone: '', remark: '', created_at: '' })
  expect(openFirst([one(1, true), one(3, false), one(2, false)]).map((d) => d.id)).toEqual([2, 3, 1])
})
