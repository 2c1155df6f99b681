import { parse, type Node } from 'acorn'
import postcss, { type Declaration, type Rule } from 'postcss'
import type { Plugin } from 'vite'

/**
 * Fails the build on what Chrome 66 and Safari 12 can't read. The target lowers syntax, but not what it doesn't know of:
 * names of the standard library in our dependencies, and CSS.
 */
export function oldBrowsers(): Plugin {
  return {
    name: 'tihuo:old-browsers',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const faults: string[] = []
      let looked = 0
      for (const file of Object.values(bundle)) {
        const isStyle = file.fileName.endsWith('.css')
        if (file.type !== 'chunk' && !isStyle) continue
        const found = file.type === 'chunk' ? scriptFaults(file.code) : styleFaults(String(file.source))
        faults.push(...found.map((fault) => `${file.fileName}: ${fault}`))
        looked += 1
      }
      if (looked === 0) this.error('nothing was built that old browsers could be asked about')
      if (faults.length > 0) this.error(`old browsers can't read this:\n${faults.join('\n')}`)
    },
  }
}

/** Methods and names that came after. Vue's reactive arrays offer `toSorted` and its like, which TypeScript keeps us from. */
const NEW_METHODS = new Set([
  'allSettled', 'at', 'findLast', 'findLastIndex', 'flat', 'flatMap', 'fromEntries', 'hasOwn', 'matchAll', 'randomUUID',
  'replaceAll', 'replaceChildren', 'withResolvers',
])
const NEW_NAMES = new Set(['BigInt', 'WeakRef', 'FinalizationRegistry', 'globalThis', 'queueMicrotask', 'structuredClone'])

type Tree = Node & Record<string, unknown>

export function scriptFaults(code: string): string[] {
  let tree: Node
  try {
    // ES2018 and of ES2019, 2020 what these browsers had early: catch without a name, import(), import.meta.
    tree = parse(code, { ecmaVersion: 2020, sourceType: 'module' })
  } catch (error) {
    return [String(error)]
  }
  const faults = new Set<string>()
  walk(tree as Tree, (node) => {
    const fault = nodeFault(node)
    if (fault) faults.add(fault)
  })
  return [...faults]
}

function nodeFault(node: Tree): string | null {
  if (node.type === 'ChainExpression') return 'optional chaining'
  if (node.type === 'LogicalExpression' && node.operator === '??') return 'nullish coalescing'
  if (node.type === 'Literal' && typeof node.bigint === 'string') return 'BigInt literal'
  if (node.type === 'ExportAllDeclaration' && node.exported) return 'export * as'
  if (node.type === 'CallExpression') {
    const { callee } = node as unknown as { callee: Tree }
    const name = callee.type === 'MemberExpression' && callee.computed !== true ? nameOf(callee.property) : nameOf(callee)
    const isNew = callee.type === 'MemberExpression' ? NEW_METHODS.has(name) : NEW_NAMES.has(name)
    return isNew ? `${name}()` : null
  }
  if (node.type === 'MemberExpression' && NEW_NAMES.has(nameOf(node.object))) return nameOf(node.object)
  return null
}

function nameOf(node: unknown): string {
  const { type, name } = node as { type: string; name?: string }
  return type === 'Identifier' && name ? name : ''
}

function walk(node: Tree, visit: (node: Tree) => void): void {
  visit(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as Tree).type === 'string') walk(child as Tree, visit)
    }
  }
}

/** Unknown selectors take the whole rule with them. */
const NEW_SELECTORS = /:(?:is|where|has|focus-visible)\b|:not\([^()]*,/
/** Without these the layout falls apart; what is only nicer with them is not here. */
const NEW_PROPERTIES = /^(?:gap|row-gap|column-gap|aspect-ratio|inset(?:-.+)?|(?:margin|padding)-(?:inline|block)(?:-.+)?)$/
/** Unknown functions and units lose the declaration: one before it must say the same in old words. */
const NEW_VALUES = /(?:^|[^\w-])(?:min|max|clamp|env|color-mix|oklch|round)\(|\d(?:dvh|svh|lvh|dvw)\b|^clip$/

export function styleFaults(css: string): string[] {
  const faults: string[] = []
  postcss.parse(css).walkRules((rule) => {
    if (NEW_SELECTORS.test(rule.selector)) faults.push(`${rule.selector}: the selector`)
    rule.each((one) => {
      if (one.type !== 'decl' || one.prop.startsWith('--')) return
      const isNew = NEW_PROPERTIES.test(one.prop) || (NEW_VALUES.test(one.value) && !hasOldWords(rule, one))
      if (isNew) faults.push(`${rule.selector}: ${one.prop}: ${one.value}`)
    })
  })
  return faults
}

function hasOldWords(rule: Rule, wanted: Declaration): boolean {
  return rule.nodes.slice(0, rule.index(wanted)).some((one) =>
    one.type === 'decl' && !NEW_VALUES.test(one.value) && (wanted.prop === one.prop || wanted.prop.startsWith(`${one.prop}-`)),
  )
}
