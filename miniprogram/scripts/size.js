/** Prints what the main package weighs before WeChat's own minifying, and fails above the project's limit. */
const fs = require('node:fs')
const path = require('node:path')

const LIMIT = 1024 * 1024

const root = path.join(__dirname, '..', 'app')
const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const bytes = files.reduce((sum, file) => sum + fs.statSync(path.join(file.parentPath, file.name)).size, 0)

console.log(`main package: ${files.length} files, ${bytes} bytes (limit ${LIMIT})`)
process.exitCode = bytes > LIMIT ? 1 : 0
