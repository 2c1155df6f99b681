import { emptyTerms, termsBody, termsProblems, type TermsForm } from '@/pages/cards/termsForm'
import { describe, expect, it } from 'vitest'

const form = (changes: Partial<TermsForm>): TermsForm => ({ ...emptyTerms(), product_ids: [1], ...changes })

describe('what cards are good for', () => {
  it('is sent whole, money as fen, without a distributor where none was chosen', () => {
    expect(termsBody(form({ name: ' 388 卡 ', face_value: '388.5', uses: '3' }))).toEqual({
      name: '388 卡',
      status: 'inactive',
      product_ids: [1],
      face_value_fen: 38850,
      valid_from: null,
      valid_until: null,
      remark: '',
      distributor_id: null,
      uses: 3,
    })
  })

  it.each<[Partial<TermsForm>, string]>([
    [{ product_ids: [] }, 'product_ids'],
    [{ uses: '0' }, 'uses'],
    [{ uses: '101' }, 'uses'],
    [{ uses: '' }, 'uses'],
    [{ face_value: 'much' }, 'face_value_fen'],
    [{ valid_from: '2026-12-01', valid_until: '2026-11-01' }, 'valid_until'],
  ])('is refused for %j at %s', (changes, field) => {
    expect(Object.keys(termsProblems(form(changes)))).toEqual([field])
  })

  it('has nothing against a plain form', () => {
    expect(termsProblems(form({ uses: '100' }))).toEqual({})
  })
})
