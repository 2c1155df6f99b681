const { fromQuery, fromScan } = require('../../app/utils/launch')

const card = { slug: 'demo', number: 'A58800000001' }
const nothing = { slug: '', number: '' }

test.each([
  ['the printed code', { q: encodeURIComponent('https://t.example.com/c/demo/A58800000001') }, card],
  ['the printed code with a tail', { q: encodeURIComponent('https://t.example.com/c/demo/a58800000001/?from=card#x') }, card],
  ['the storefront code', { q: encodeURIComponent('https://t.example.com/c/demo') }, { slug: 'demo', number: '' }],
  ['a mini-program code', { scene: encodeURIComponent('demo/A58800000001') }, card],
  ['a mini-program code of a storefront', { scene: 'demo' }, { slug: 'demo', number: '' }],
  ['nothing', {}, nothing],
  ['a link of someone else', { q: encodeURIComponent('https://t.example.com/x/demo/1') }, nothing],
  ['a broken escape', { q: '%E0%A4%A' }, nothing],
  ['a script', { q: encodeURIComponent('javascript:alert(1)//c/demo/1') }, nothing],
])('onLoad understands %s', (_, query, target) => {
  expect(fromQuery(query)).toEqual(target)
})

test.each([
  ['a link', { result: 'https://t.example.com/c/demo/A58800000001' }, card],
  ['a bare number', { result: ' A588 0000-0001 ' }, { slug: '', number: 'A58800000001' }],
  ['a full-width number', { result: 'Ａ５８８' }, { slug: '', number: 'A588' }],
  ['our mini-program code', { path: 'pages/check/index?scene=demo%2FA58800000001' }, card],
  ['a stranger', { result: 'https://example.com/coupon' }, null],
  ['a wifi code', { result: 'WIFI:S:home;P:secret;;' }, null],
  ['an empty code', { result: '' }, null],
])('the camera may read %s', (_, scan, target) => {
  expect(fromScan(scan)).toEqual(target)
})
