import { phaseOf } from '@/pages/cards/useMade'
import { expect, it } from 'vitest'

it.each([
  ['making', null, 'making'],
  ['making', 'waiting', 'making'],
  ['making', 'running', 'making'],
  ['making', 'undoing', 'making'],
  // The job's end was heard of first: not ready before the batch is known anew.
  ['making', 'done', 'making'],
  ['making', 'failed', 'failed'],
  ['making', 'cancelled', 'cancelled'],
  ['undone', 'failed', 'failed'],
  ['undone', 'cancelled', 'cancelled'],
  ['undone', 'undoing', 'making'],
  ['undone', null, 'failed'],
  ['ready', 'running', 'ready'],
  ['ready', null, 'ready'],
] as const)('batch %s, job %s: %s', (status, job, phase) => {
  expect(phaseOf({ status }, job === null ? null : { status: job })).toBe(phase)
})
