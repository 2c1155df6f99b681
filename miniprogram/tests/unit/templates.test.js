/**
 * @jest-environment node
 */
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { compile, filesOf } = require('../../scripts/compile')

const APP = path.join(__dirname, '..', '..', 'app')
const read = (file) => fs.readFileSync(path.join(APP, file), 'utf8')

test('every template and style compiles', () => {
  expect(compile(APP)).toEqual([])
})

test.each([
  ['index.wxml', '<view><text>卡号</view>', /index\.wxml:1:\d+: expect end-tag/],
  ['index.wxss', '.card { color: red;', /index\.wxss/],
  ['index.wxss', '@import "gone.wxss";', /gone\.wxss.*not found/],
])('a broken %s is found: %s', (file, content, complaint) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'compile-'))
  try {
    fs.writeFileSync(path.join(folder, 'index.wxml'), '<view></view>')
    fs.writeFileSync(path.join(folder, 'index.wxss'), '.card {}')
    fs.writeFileSync(path.join(folder, file), content)
    expect(compile(folder).join()).toMatch(complaint)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test.each(filesOf(APP, '.wxml'))('%s names only handlers and components that exist', (file) => {
  const base = file.slice(0, -'.wxml'.length)
  const markup = read(file)
  const script = read(`${base}.js`)
  const { usingComponents = {} } = JSON.parse(read(`${base}.json`))
  for (const [, handler] of markup.matchAll(/\b(?:bind|catch):?\w+="(\w+)"/g)) {
    expect(script).toMatch(new RegExp(`^  +(async )?${handler}\\(`, 'm'))
  }
  // The compiler takes a tag that nobody registered for a plain box.
  const native = ['rich-text', 'scroll-view']
  const own = new Set([...markup.matchAll(/<(\w+-[\w-]+)/g)].map(([, tag]) => tag).filter((tag) => !native.includes(tag)))
  expect([...own].sort()).toEqual(Object.keys(usingComponents).sort())
})

test('app.json lists the pages that there are', () => {
  const pages = filesOf(path.join(APP, 'pages'), '.wxml').map((file) => `pages/${file.slice(0, -'.wxml'.length)}`)
  expect([...JSON.parse(read('app.json')).pages].sort()).toEqual(pages)
})
