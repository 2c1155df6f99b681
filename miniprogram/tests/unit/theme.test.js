const { themeStyle } = require('../../app/utils/theme')

test('text on the merchant colour can be read', () => {
  expect(themeStyle('#C8161D')).toBe('--theme:#C8161D;--on-theme:#ffffff;--theme-ink:#C8161D')
  expect(themeStyle('#ffd400')).toBe('--theme:#ffd400;--on-theme:#191919;--theme-ink:#191919')
})

test.each([undefined, '', 'red', '#fff;background:url(//x)'])('%s is no colour: the neutral one stands in', (colour) => {
  expect(themeStyle(colour)).toBe('--theme:#07c160;--on-theme:#ffffff;--theme-ink:#07c160')
})
