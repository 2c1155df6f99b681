/**
 * Compiles every page and component with WeChat's own compilers (wcc, wcsc), so that a broken tag or rule is found
 * without the developer tools.
 */
const fs = require('node:fs')
const path = require('node:path')
const { wxmlToJs } = require('miniprogram-compiler')
// Not the package's wxssToJs: it hands an error back as a value and then trips over it.
const wcsc = require('miniprogram-compiler/src/wcsc')

/**
 * @param {string} root
 * @param {string} extension
 */
function filesOf(root, extension) {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(extension)).sort()
}

/**
 * @param {string} root the folder that holds app.json
 * @returns {string[]} what the compilers complain about
 */
function compile(root) {
  const problems = []
  try {
    wxmlToJs(root)
  } catch (error) {
    problems.push(error.message)
  }
  const styles = wcsc(root, filesOf(root, '.wxss').map((file) => file.slice(0, -'.wxss'.length)))
  if (styles instanceof Error) problems.push(styles.message)
  return problems
}

module.exports = { compile, filesOf }

if (require.main === module) {
  const root = path.join(__dirname, '..', 'app')
  const problems = compile(root)
  for (const problem of problems) console.error(problem)
  console.log(`${filesOf(root, '.wxml').length} WXML and ${filesOf(root, '.wxss').length} WXSS files, ${problems.length} errors`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
