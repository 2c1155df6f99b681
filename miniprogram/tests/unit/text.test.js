const { canRepeat, cardNumber, chinaTime, mobile, uses, usesLeft, validity, yuan } = require('../../app/utils/text')
const { card, sixTimes } = require('../answers')

test('a card number looks as it is printed, however it was typed', () => {
  expect(cardNumber(' a588-0000 0001 ')).toBe('A58800000001')
  expect(cardNumber('Ａ５８８０００１')).toBe('A5880001')
})

test.each([
  ['138 0013 8000', '13800138000'],
  ['+86 138-0013-8000', '13800138000'],
  ['008613800138000', '13800138000'],
  ['１３８００１３８０００', '13800138000'],
  ['8613', '8613'],
])('the mobile %s is %s', (typed, plain) => {
  expect(mobile(typed)).toBe(plain)
})

test('money shows fen only where there are any', () => {
  expect([yuan(38800), yuan(38850), yuan(5), yuan(0), yuan(null)]).toEqual(['¥388', '¥388.50', '¥0.05', '¥0', ''])
})

test('validity says what is known', () => {
  expect(validity('2026-01-01', '2026-12-31')).toBe('2026-01-01 至 2026-12-31')
  expect(validity(null, '2026-12-31')).toBe('2026-12-31 前有效')
  expect(validity('2026-01-01', null)).toBe('2026-01-01 起有效')
  expect(validity(null, null)).toBe('')
})

test('the pick-ups of a card for several are counted, and of no other', () => {
  const cards = [card, sixTimes(0), sixTimes(2), sixTimes(6), sixTimes(2, { state: 'expired' })]
  expect(cards.map(uses)).toEqual(['', '共 6 次，还可提 6 次', '共 6 次，还可提 4 次', '已全部提完（6 次）', '共 6 次，已提 2 次'])
  expect(cards.map(usesLeft)).toEqual(['', '还可提 6 次', '还可提 4 次', '已全部提完（6 次）', '共 6 次，已提 2 次'])
  expect(cards.map(canRepeat)).toEqual([false, true, true, false, false])
})

test('an instant is shown in China time', () => {
  expect(chinaTime('2026-11-22T16:30:00Z')).toBe('2026-11-23 00:30')
  expect(chinaTime('soon')).toBe('')
})
