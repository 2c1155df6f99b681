const { intentFor } = require('../../app/utils/idempotency')

test('a key has the form the server takes', () => {
  for (let i = 0; i < 200; i++) expect(intentFor(null, i).key).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
})

test('the same form keeps its key, another form gets another', () => {
  const first = intentFor(null, { number: 'A1', remark: '' })
  expect(intentFor(first, { number: 'A1', remark: '' }).key).toBe(first.key)
  expect(intentFor(first, { number: 'A1', remark: '快' }).key).not.toBe(first.key)
})

test('two phones do not make the same key', () => {
  const keys = new Set(Array.from({ length: 5000 }, () => intentFor(null, {}).key))
  expect(keys.size).toBe(5000)
})
