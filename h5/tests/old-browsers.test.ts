import { describe, expect, it } from 'vitest'
import { scriptFaults, styleFaults } from '../old-browsers'

describe('scriptFaults', () => {
  it.each([
    ['a?.b', 'optional chaining'],
    ['a ?? b', 'nullish coalescing'],
    ['1n', 'BigInt literal'],
    ['"a".replaceAll("a", "b")', 'replaceAll()'],
    ['Object.fromEntries(x)', 'fromEntries()'],
    ['structuredClone(x)', 'structuredClone()'],
    ['globalThis.x', 'globalThis'],
  ])('knows %s for new', (code, fault) => {
    expect(scriptFaults(code)).toEqual([fault])
  })

  it.each(['a ||= b', 'class A { #x }', 'class A { x = 1 }', '1_000'])('cannot parse %s', (code) => {
    expect(scriptFaults(code)).toHaveLength(1)
  })

  it('passes what these browsers had', () => {
    expect(scriptFaults('try { await_() } catch { } import("./x.js"); const { a, ...b } = c; x = { ...b }; import.meta.url')).toEqual([])
  })
})

describe('styleFaults', () => {
  it.each([
    'a{display:flex;gap:8px}', 'a{inset:0}', 'a{aspect-ratio:1}', 'a:is(b,c){color:red}', 'a:focus-visible{color:red}',
    'a:not(b,c){color:red}', 'a{width:min(1px,2px)}', 'a{height:100dvh}', 'a{padding-left:calc(1px + env(safe-area-inset-left))}',
    '@media (min-width:1px){a{margin-inline:auto}}', 'a{overflow:clip}',
  ])('finds %s', (css) => {
    expect(styleFaults(css)).toHaveLength(1)
  })

  it('passes what is said in old words first', () => {
    expect(styleFaults(
      'a{width:1px;width:min(1px,2px)}b{padding:1px;padding-left:calc(1px + env(x))}'
      + 'c{display:grid;grid-gap:8px;grid-template-columns:repeat(2,minmax(1px,1fr))}d:not(e){--x:env(y)}',
    )).toEqual([])
  })
})
