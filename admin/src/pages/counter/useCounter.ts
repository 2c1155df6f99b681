import { api, call } from '@/api/client'
import { asApiError, type ApiError } from '@/api/errors'
import { keys } from '@/api/queries'
import type { CounterCard, Order } from '@/api/types'
import { playChime, playRefusal, unlockSound } from '@/live/sound'
import { useLive } from '@/live/store'
import { useSession } from '@/session/store'
import { useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { keepAttempt, newAttempt, unanswered, type Attempt } from './attempt'
import { useCountdown } from './countdown'
import { isLink, readNumber } from './scanned'

export interface Notice {
  tone: 'red' | 'amber'
  text: string
  note?: string
}

export type Field = 'number' | 'password'

const LOST: Notice = { tone: 'amber', text: '没有收到服务器的回答，不知道这次提货成功没有', note: '请点「再试一次」，直到有结果：再试不会重复提货。' }

/** A card at the counter (到店提货): number and password, then the card and its products, then done. */
export function useCounter() {
  const session = useSession()
  const live = useLive()
  const queries = useQueryClient()
  const pause = useCountdown()
  const number = ref('')
  const password = ref('')
  const card = ref<CounterCard | null>(null)
  const productId = ref<number | null>(null)
  const remark = ref('')
  const attempt = ref<Attempt | null>(null)
  const order = ref<Order | null>(null)
  const notice = ref<Notice | null>(null)
  const busy = ref(false)
  /** Which field is to have the focus; a new object each time that it is asked for. */
  const wanted = ref<{ field: Field }>({ field: 'number' })
  const step = computed(() => (order.value ? 'done' : card.value ? 'card' : 'enter'))
  /** Sent, and not known whether it was done: nothing may be chosen anew. */
  const lost = computed(() => attempt.value?.lost === true)

  watch(pause.left, (seconds) => {
    if (seconds === 0 && step.value === 'enter') notice.value = null
  })

  function focus(field: Field): void {
    wanted.value = { field }
  }

  function refuse(text: string, note?: string): void {
    notice.value = { tone: 'red', text, ...(note ? { note } : {}) }
    if (live.sound) playRefusal()
  }

  function tell(error: ApiError): void {
    refuse(error.message)
    const seconds = error.code === 'too_many_tries' ? Number(error.data['retry_after']) : 0
    if (seconds > 0) pause.start(seconds)
  }

  /** Somebody types: what was said of the number before is over, a pause too, which may be that card's alone. */
  function edited(field: Field): void {
    notice.value = null
    if (field === 'number') pause.stop()
  }

  /** Take the number out of what was typed or scanned; answers whether there is one. */
  function takeNumber(): boolean {
    if (live.sound) unlockSound()
    const read = readNumber(number.value, session.me?.merchant.slug ?? '')
    if ('refusal' in read) {
      refuse(read.refusal)
      focus('number')
      return false
    }
    number.value = read.number
    return true
  }

  function enterNumber(): void {
    if (!busy.value && takeNumber()) focus('password')
  }

  async function check(): Promise<void> {
    if (busy.value) return
    if (isLink(password.value)) {
      // The card was scanned while the focus was here.
      number.value = password.value
      password.value = ''
      enterNumber()
      return
    }
    if (!takeNumber()) return
    if (!password.value.trim()) return focus('password')
    if (pause.left.value > 0) return
    await lookUp()
  }

  /** `because`: what to say of it, where it is looked up anew. */
  async function lookUp(because = ''): Promise<void> {
    busy.value = true
    notice.value = null
    try {
      const found = await call(api.POST('/api/m/counter/check', { body: { number: number.value, password: password.value } }))
      card.value = found
      attempt.value = unanswered(found.number)
      productId.value = attempt.value?.product.id ?? (found.products.length === 1 ? (found.products[0]?.id ?? null) : null)
      remark.value = attempt.value?.remark ?? ''
      if (attempt.value) notice.value = LOST
      else if (because || found.state !== 'redeemable') refuse(because || found.message)
    } catch (reason) {
      const error = asApiError(reason)
      card.value = null
      tell(error)
      focus(error.code === 'card_or_password_wrong' || error.uncertain ? 'password' : 'number')
    } finally {
      busy.value = false
    }
  }

  function choose(id: number): void {
    if (busy.value || lost.value) return
    productId.value = id
    notice.value = null
  }

  async function redeem(): Promise<void> {
    const at = card.value
    if (!at || busy.value || pause.left.value > 0) return
    if (!lost.value) {
      if (at.state !== 'redeemable') return startAnew()
      const product = at.products.find((one) => one.id === productId.value)
      if (!product) return refuse('请先选择要提的商品')
      attempt.value = newAttempt(at.number, { id: product.id, name: product.name }, remark.value.trim())
    }
    if (attempt.value) await send(attempt.value)
  }

  async function send(sent: Attempt): Promise<void> {
    busy.value = true
    notice.value = null
    keepAttempt(sent)
    try {
      const answer = await call(
        api.POST('/api/m/counter/redemptions', {
          params: { header: { 'Idempotency-Key': sent.key } },
          body: { number: sent.number, password: password.value, product_id: sent.product.id, remark: sent.remark },
        }),
      )
      forgetAttempt()
      order.value = answer.order
      if (live.sound) playChime()
      for (const name of [keys.orders, keys.home, keys.cards]) void queries.invalidateQueries({ queryKey: [name] })
    } catch (reason) {
      await failed(asApiError(reason), sent)
    } finally {
      busy.value = false
    }
  }

  async function failed(error: ApiError, sent: Attempt): Promise<void> {
    if (error.uncertain) {
      attempt.value = { ...sent, lost: true }
      notice.value = LOST
      if (live.sound) playRefusal()
      return
    }
    // What stands before the card (a pause, a permission) says nothing of the try whose answer was lost.
    if (sent.lost && ![409, 422].includes(error.status)) return tell(error)
    forgetAttempt()
    if (error.code === 'card_or_password_wrong') {
      card.value = null
      tell(error)
      return focus('password')
    }
    if (error.code === 'idempotency_key_reused') return lookUp('这张卡上次的提货已经成功，请核对下面的订单')
    // The card or its products are others than the screen shows.
    if (error.status === 409) return lookUp(error.message)
    tell(error)
  }

  function forgetAttempt(): void {
    attempt.value = null
    keepAttempt(null)
  }

  /** The next card; `typed`: what was typed already. */
  function startAnew(typed = ''): void {
    if (busy.value) return
    pause.stop()
    card.value = null
    order.value = null
    attempt.value = null
    notice.value = null
    password.value = ''
    remark.value = ''
    productId.value = null
    number.value = typed
    focus('number')
  }

  return { step, number, password, card, productId, remark, attempt, lost, order, notice, busy, wanted, left: pause.left, edited, enterNumber, check, choose, redeem, refuse, startAnew }
}

export type Counter = ReturnType<typeof useCounter>
