import { api, call } from '@/api/client'
import { messageOf } from '@/api/errors'
import { keys } from '@/api/queries'
import type { Card, CardAction } from '@/api/types'
import { useQueryClient } from '@tanstack/vue-query'
import { ElMessage, ElMessageBox } from 'element-plus'
import { ref } from 'vue'
import { ACTIONS } from './words'

/** Activating, deactivating, voiding or restoring one card; `done` hears when it was tried. */
export function useCardAction(done: () => void) {
  const queries = useQueryClient()
  const busy = ref(new Set<number>())

  async function act(card: Card, action: CardAction): Promise<void> {
    if (busy.value.has(card.id)) return
    const words = ACTIONS[action]
    if (words.danger) {
      const agreed = await ElMessageBox.confirm(`卡号 ${card.number}。${words.note}`, `${words.label}这张卡券？`, {
        confirmButtonText: words.label,
        confirmButtonClass: 'el-button--danger',
        cancelButtonText: '取消',
      }).catch(() => null)
      if (!agreed) return
    }
    busy.value.add(card.id)
    try {
      await call(api.POST('/api/m/cards/{card_id}/status', { params: { path: { card_id: card.id } }, body: { action } }))
      ElMessage.success(`${card.number} ${words.done}`)
    } catch (error) {
      ElMessage.error(messageOf(error))
    } finally {
      busy.value.delete(card.id)
      for (const name of [keys.home, keys.distributors]) void queries.invalidateQueries({ queryKey: [name] })
      done()
    }
  }

  return { busy, act }
}
