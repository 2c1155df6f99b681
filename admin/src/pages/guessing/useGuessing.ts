import { api, call } from '@/api/client'
import { messageOf } from '@/api/errors'
import { keys } from '@/api/queries'
import type { AddressBlock, LockedCard } from '@/api/types'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { ElMessage, ElMessageBox } from 'element-plus'
import { ref } from 'vue'

/** The live event brings news at once; the rest, such as pauses that run out, comes with this. */
const EVERY = 15_000

export function useGuessing() {
  const queries = useQueryClient()
  /** What is being unlocked or unblocked now. */
  const busy = ref(new Set<string>())
  const query = useQuery({
    queryKey: [keys.guessing],
    queryFn: async ({ signal }) => ({ ...(await call(api.GET('/api/m/guessing', { signal }))), at: Date.now() }),
    refetchInterval: EVERY,
  })
  const refresh = () => queries.invalidateQueries({ queryKey: [keys.guessing] })

  async function sure(title: string, note: string, button: string): Promise<boolean> {
    const answer = await ElMessageBox.confirm(note, title, { confirmButtonText: button, cancelButtonText: '取消' }).catch(() => null)
    return answer !== null
  }

  async function once(name: string, work: () => Promise<unknown>, done: string): Promise<void> {
    if (busy.value.has(name)) return
    busy.value.add(name)
    try {
      await work()
      ElMessage.success(done)
    } catch (error) {
      ElMessage.error(messageOf(error))
    } finally {
      busy.value.delete(name)
      await refresh()
    }
  }

  async function unlock({ number }: LockedCard): Promise<void> {
    if (!(await sure('解除这张卡的限制？', `卡号 ${number}。输错的次数清零，马上可以再试。请先确认是持卡人本人输错。`, '解除'))) return
    await once(number, () => call(api.POST('/api/m/guessing/unlock', { body: { number } })), `${number} 可以再试了`)
  }

  async function unblock({ id, address }: AddressBlock): Promise<void> {
    if (!(await sure('解封这个地址？', `${address} 马上又可以提货。`, '解封'))) return
    await once(address, () => call(api.DELETE('/api/m/guessing/blocks/{block_id}', { params: { path: { block_id: id } } })), `${address} 已解封`)
  }

  return { query, busy, refresh, unlock, unblock }
}
