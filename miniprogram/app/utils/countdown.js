/**
 * Counts whole seconds down to 0 and tells each one. The end is an instant, not a number of ticks: a mini-program in
 * the background is not ticking.
 * @param {number} seconds
 * @param {(left: number) => void} tell
 * @returns {() => void} stops it
 */
function countdown(seconds, tell) {
  const end = Date.now() + seconds * 1000
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000))
    if (left === 0) clearInterval(timer)
    tell(left)
  }
  const timer = setInterval(tick, 1000)
  tick()
  return () => clearInterval(timer)
}

module.exports = { countdown }
