const { read, write } = require('./storage')

const KEY = 'device'

function newId() {
  const random = () => Math.random().toString(36).slice(2, 12).padEnd(10, '0')
  return `mp-${random()}${random()}`
}

/**
 * A random name for this phone, made once: with it the server tells one phone that guesses from the others behind the
 * same address. It says nothing of its holder.
 */
function deviceId() {
  const known = read(KEY)
  if (typeof known === 'string' && /^[\w-]{16,64}$/.test(known)) return known
  const made = newId()
  write(KEY, made)
  return made
}

module.exports = { deviceId }
