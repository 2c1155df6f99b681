const { intentFor, isFor, orderCame } = require('../../app/utils/idempotency')
const { card, sixTimes } = require('../answers')

test('a key has the form the server takes', () => {
  for (let i = 0; i < 200; i++) expect(intentFor(null, i, card).key).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
})

test('the same form keeps its key, another form gets another', () => {
  const first = intentFor(null, { number: 'A1', remark: '' }, card)
  expect(intentFor(first, { number: 'A1', remark: '' }, card).key).toBe(first.key)
  expect(intentFor(first, { number: 'A1', remark: '快' }, card).key).not.toBe(first.key)
  expect(isFor(first, { number: 'A1', remark: '' })).toBe(true)
  expect(isFor(first, { number: 'A1', remark: '快' })).toBe(false)
})

test('two phones do not make the same key', () => {
  const keys = new Set(Array.from({ length: 5000 }, () => intentFor(null, {}, card).key))
  expect(keys.size).toBe(5000)
})

test('an intent may have become the order that its card did not have before', () => {
  const intent = intentFor(null, {}, sixTimes(1))
  expect(orderCame(intent, sixTimes(1))).toBe(false)
  expect(orderCame(intent, sixTimes(2))).toBe(true)
  // Cancelled at once: the use was given back, the order is still there.
  expect(orderCame(intent, sixTimes(2, { uses_left: 5 }))).toBe(true)
  expect(orderCame(intent, sixTimes(2, { number: 'B1' }))).toBe(false)
  expect(orderCame(null, sixTimes(2))).toBe(false)
})
