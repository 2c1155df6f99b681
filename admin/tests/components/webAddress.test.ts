import { addressProblem, addressWords, hostOf } from '@/components/webAddress'
import { expect, it } from 'vitest'

it.each(['', '  ', 'https://example.com', 'http://example.com:8080/a?b=1#c', ' https://example.com '])('takes %j', (text) => {
  expect(addressProblem(text)).toBe('')
})

it.each([
  ['javascript:alert(1)', '只能是 http:// 或 https://'],
  ['weixin://dl/business', '只能是 http:// 或 https://'],
  ['example.com/a', '加上 https://'],
  ['https://exam ple.com', '空格'],
  ['https://', '不完整'],
])('says what is wrong with %s', (text, words) => {
  expect(addressProblem(text)).toContain(words)
  expect(addressWords(text)).toBe('')
  expect(hostOf(text)).toBe('')
})

it('says where customers go, and warns of an open line', () => {
  expect(addressWords('https://shop.example.com/x')).toContain('shop.example.com')
  expect(addressWords('http://shop.example.com')).toContain('没有加密')
  expect(addressWords('https://shop.example.com')).not.toContain('没有加密')
})
