import { describe, expect, it } from 'vitest'
import { emptyDraft } from '../../src/redeem/draft'
import { allowedPage, type Page } from '../../src/redeem/pages'
import { card, order, receiver, sixTimes } from '../fixtures'

const ALL: Page[] = ['enter', 'card', 'product', 'form', 'confirm', 'done']
const reached = (...args: Parameters<typeof allowedPage> extends [Page, ...infer Rest] ? Rest : never) =>
  ALL.map((page) => allowedPage(page, ...args))

describe('allowedPage', () => {
  it('is the first page while there is no card', () => {
    expect(reached(null, emptyDraft())).toEqual(['enter', 'enter', 'enter', 'enter', 'enter', 'enter'])
  })

  it('asks for a product before the form', () => {
    expect(reached(card(), emptyDraft())).toEqual(['enter', 'card', 'product', 'card', 'card', 'card'])
  })

  it('asks for a product again when the chosen one is gone', () => {
    expect(allowedPage('form', card(), { ...emptyDraft(), productId: 9 })).toBe('card')
  })

  it('asks for a whole form before confirming', () => {
    const draft = { ...emptyDraft(), productId: 1 }
    expect(allowedPage('confirm', card(), draft)).toBe('form')
    expect(allowedPage('confirm', card(), { ...draft, receiver })).toBe('confirm')
  })

  it('never goes back to a form that was redeemed', () => {
    const draft = { ...emptyDraft(), productId: 1, receiver, order: order() }
    expect(reached(card({ state: 'redeemed' }), draft)).toEqual(['enter', 'card', 'product', 'card', 'done', 'done'])
  })

  it('goes from the order to the next pick-up only by choosing anew', () => {
    const draft = { ...emptyDraft(), receiver, order: order() }
    expect(reached(sixTimes(1), draft)).toEqual(['enter', 'card', 'product', 'card', 'done', 'done'])
    expect(reached(sixTimes(1), { ...draft, order: null, productId: 1 })).toEqual(
      ['enter', 'card', 'product', 'form', 'confirm', 'card'],
    )
  })

  it('shows the order at once, also where the card is not yet known again', () => {
    expect(allowedPage('confirm', null, { ...emptyDraft(), order: order() })).toBe('done')
  })

  it('shows the order after a reload, before the card is known again', () => {
    expect(allowedPage('done', null, { ...emptyDraft(), order: order() })).toBe('done')
  })
})
