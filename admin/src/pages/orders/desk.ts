import { messageOf } from '@/api/errors'
import type { Order } from '@/api/types'
import { reactive, ref, type Ref } from 'vue'
import { mergeRows } from './merge'

export interface RowState {
  text: string
  /** Empty: whatever the column says. */
  courier: string
  state: 'idle' | 'saving' | 'saved' | 'failed'
  message: string
}

export interface Desk {
  rows: Ref<Order[]>
  courier: Ref<string>
  stateOf: (id: number) => RowState
  take: (incoming: Order[]) => void
  save: (id: number) => Promise<boolean>
  paste: (id: number, text: string) => number
}

/** Typing tracking numbers straight into the list. `ship` does the sending and throws what the server refused. */
export function useDesk(ship: (id: number, courier: string, tracking: string) => Promise<Order>): Desk {
  const rows: Ref<Order[]> = ref([])
  const courier = ref('')
  const states = reactive(new Map<number, RowState>())

  function stateOf(id: number): RowState {
    const known = states.get(id)
    if (known) return known
    const fresh = reactive<RowState>({ text: '', courier: '', state: 'idle', message: '' })
    states.set(id, fresh)
    return fresh
  }

  function take(incoming: Order[]): void {
    const mine = new Map(rows.value.map((row) => [row.id, row]))
    rows.value = mergeRows(rows.value, incoming, (row) => {
      const s = states.get(row.id)
      return s !== undefined && (s.state !== 'idle' || s.text.trim() !== '')
    }).map((row) => (states.get(row.id)?.state === 'saved' ? (mine.get(row.id) ?? row) : row))
  }

  async function save(id: number): Promise<boolean> {
    const s = stateOf(id)
    if (s.state === 'saving' || s.state === 'saved') return false
    const tracking = s.text.replace(/\s+/g, '')
    if (!tracking) return false
    const code = s.courier || courier.value
    if (!code) {
      s.state = 'failed'
      s.message = '请先选择物流公司'
      return false
    }
    s.state = 'saving'
    s.message = ''
    try {
      const saved = await ship(id, code, tracking)
      s.state = 'saved'
      s.text = tracking
      rows.value = rows.value.map((row) => (row.id === id ? saved : row))
      return true
    } catch (error) {
      s.state = 'failed'
      s.message = messageOf(error)
      return false
    }
  }

  /** A column copied from a sheet fills this row and the ones below; returns how many rows it filled. */
  function paste(id: number, text: string): number {
    const lines = text.split(/\r?\n/).map((line) => line.split('\t')[0]?.trim() ?? '')
    while (lines.at(-1) === '') lines.pop()
    const open = rows.value.slice(rows.value.findIndex((row) => row.id === id)).filter((row) => stateOf(row.id).state !== 'saved')
    let filled = 0
    lines.forEach((line, index) => {
      const row = open[index]
      if (!row) return
      const s = stateOf(row.id)
      s.text = line
      s.state = 'idle'
      s.message = ''
      filled += 1
    })
    return filled
  }

  return { rows, courier, stateOf, take, save, paste }
}
