import { beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDraft, loadDraft, nextCard, saveDraft } from '../../src/redeem/draft'
import { receiver } from '../fixtures'

const draft = { ...emptyDraft(), number: 'A1', password: 'secret', productId: 2, receiver, remark: '快' }

beforeEach(() => { sessionStorage.clear() })

describe('the draft', () => {
  it('comes back after a reload', () => {
    saveDraft(sessionStorage, 'demo', draft)
    expect(loadDraft(sessionStorage, 'demo', '')).toEqual(draft)
    expect(loadDraft(sessionStorage, 'demo', 'a-1')).toEqual(draft)
  })

  it('belongs to one shop', () => {
    saveDraft(sessionStorage, 'demo', draft)
    expect(loadDraft(sessionStorage, 'other', '')).toEqual(emptyDraft())
  })

  it("keeps the receiver but nothing of the card when another card's link is opened", () => {
    saveDraft(sessionStorage, 'demo', draft)
    expect(loadDraft(sessionStorage, 'demo', 'A2')).toEqual({ ...emptyDraft(), number: 'A2', receiver })
  })

  it('starts empty from storage that is broken or refused', () => {
    sessionStorage.setItem('tihuo:demo:1', '{')
    expect(loadDraft(sessionStorage, 'demo', '')).toEqual(emptyDraft())
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => { throw new Error('denied') })
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => { throw new Error('denied') })
    expect(loadDraft(sessionStorage, 'demo', '')).toEqual(emptyDraft())
    expect(() => { saveDraft(sessionStorage, 'demo', draft) }).not.toThrow()
  })

  it('never reaches local storage', () => {
    saveDraft(sessionStorage, 'demo', draft)
    expect(localStorage.length).toBe(0)
  })
})

describe('nextCard', () => {
  it('forgets password, product, remark, key and order', () => {
    expect(nextCard({ ...draft, intent: { key: 'k', body: '', card: 'A1', ordersBefore: 0 } })).toEqual({ ...emptyDraft(), receiver })
  })
})
