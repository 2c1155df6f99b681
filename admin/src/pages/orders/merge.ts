interface HasId {
  id: number
}

/**
 * The server's list, plus the rows that have left it but must stay on the screen for now (just saved, or typed into),
 * each where it stood: a list that jumps under the fingers makes people ship the wrong order.
 */
export function mergeRows<T extends HasId>(shown: readonly T[], incoming: readonly T[], keep: (row: T) => boolean): T[] {
  const fresh = new Set(incoming.map((row) => row.id))
  const merged = [...incoming]
  shown.forEach((row, index) => {
    if (fresh.has(row.id) || !keep(row)) return
    // After the nearest row above that is still there; at the top when there is none.
    let at = 0
    for (let above = index - 1; above >= 0; above -= 1) {
      const found = merged.findIndex((other) => other.id === shown[above]?.id)
      if (found >= 0) {
        at = found + 1
        break
      }
    }
    // With nothing kept above it, new orders on top stay on top.
    if (at === 0) {
      const below = merged.findIndex((other) => shown.slice(index + 1).some((next) => next.id === other.id))
      at = below >= 0 ? below : merged.length
    }
    merged.splice(at, 0, row)
  })
  return merged
}
