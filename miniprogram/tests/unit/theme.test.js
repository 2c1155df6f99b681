const { themeStyle } = require('../../app/utils/theme')

const shop = (theme, page = '') => ({ theme_color: theme, page_color: page })

test('text on the merchant colour can be read', () => {
  expect(themeStyle(shop('#C8161D'))).toBe('--theme:#C8161D;--on-theme:#ffffff;--theme-ink:#C8161D')
  expect(themeStyle(shop('#ffd400'))).toBe('--theme:#ffd400;--on-theme:#191919;--theme-ink:#191919')
})

test.each([null, shop(''), shop('red'), shop('#fff;background:url(//x)'), shop('', '#fff;}')])('%j is no colour: the neutral one stands in', (colours) => {
  expect(themeStyle(colours)).toBe('--theme:#07c160;--on-theme:#ffffff;--theme-ink:#07c160')
})

test.each([
  ['#1A2B3C', '--page-ink:rgba(255,255,255,0.9)', '--page-link:#ffffff'],
  ['#FFF5E6', '--page-ink:rgba(0,0,0,0.9)', '--page-link:#4a5a85'],
])('text on the page colour %s can be read', (page, ink, link) => {
  const style = themeStyle(shop('#C8161D', page)).split(';')
  expect(style).toEqual(expect.arrayContaining([`--page:${page}`, ink, link]))
})
