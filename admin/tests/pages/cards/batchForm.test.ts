import { bodyOf, emptyBatch, problemsOf, type BatchForm } from '@/pages/cards/batchForm'
import { describe, expect, it } from 'vitest'

const form = (changes: Partial<BatchForm>): BatchForm => ({ ...emptyBatch(), quick: false, product_ids: [1], quantity: '100', ...changes })

describe('the form for cards', () => {
  it('sends products and quantity alone when quick, whatever else was typed', () => {
    expect(bodyOf(form({ quick: true, prefix: 'A', face_value: '388', quantity: '1,000' }))).toEqual({ product_ids: [1], quantity: 1000 })
  })

  it('takes a million at once', () => {
    expect(problemsOf(form({ quantity: '1,000,000' }))).toEqual({})
  })

  it('sends how often a card can be used, and whose it is', () => {
    expect(bodyOf(form({ uses: '12', distributor_id: 3 }))).toMatchObject({ uses: 12, distributor_id: 3 })
  })

  it('sends money as fen and empty days as null', () => {
    expect(bodyOf(form({ face_value: '388.5', start_number: '10000' }))).toMatchObject({ face_value_fen: 38850, start_number: 10000, valid_from: null, valid_until: null })
  })

  it('finds nothing wrong with a plain form', () => {
    expect(problemsOf(form({}))).toEqual({})
  })

  it.each<[Partial<BatchForm>, string]>([
    [{ product_ids: [] }, 'product_ids'],
    [{ quantity: '0' }, 'quantity'],
    [{ quantity: '1000001' }, 'quantity'],
    [{ uses: '0' }, 'uses'],
    [{ quantity: 'many' }, 'quantity'],
    [{ prefix: '0A' }, 'prefix'],
    [{ number_length: '2' }, 'number_length'],
    [{ number_length: '3', quantity: '5000' }, 'number_length'],
    [{ start_number: '1x' }, 'start_number'],
    [{ start_number: '100', order: 'random' }, 'start_number'],
    [{ password_length: '5' }, 'password_length'],
    [{ face_value: 'much' }, 'face_value_fen'],
    [{ valid_from: '2026-12-01', valid_until: '2026-11-01' }, 'valid_until'],
  ])('refuses %j at %s', (changes, field) => {
    expect(Object.keys(problemsOf(form(changes)))).toEqual([field])
  })

  it('does not check hidden fields when quick', () => {
    expect(problemsOf(form({ quick: true, prefix: '0A', password_length: '1' }))).toEqual({})
  })

  it('lets the length go when there is a start number', () => {
    expect(problemsOf(form({ start_number: '10000', number_length: '' }))).toEqual({})
  })

  it('has a key that the server takes, new for each form', () => {
    const [a, b] = [emptyBatch().key, emptyBatch().key]
    expect(a).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
    expect(a).not.toBe(b)
  })
})
