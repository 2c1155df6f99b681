import type { QueryClient } from '@tanstack/vue-query'
import { vi } from 'vitest'

/** The first words of the keys that are asked for anew from now on. */
export function staleNames(queries: QueryClient): string[] {
  const names: string[] = []
  vi.spyOn(queries, 'invalidateQueries').mockImplementation((filters) => {
    const of = typeof filters === 'function' ? filters() : filters
    names.push(String(of?.queryKey?.[0]))
    return Promise.resolve()
  })
  return names
}
