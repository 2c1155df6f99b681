import { computed, inject, reactive, ref, shallowRef, watch, type InjectionKey } from 'vue'
import type { Api } from '../api/client'
import { Failure, unreachable } from '../api/failure'
import type { CardView, Redemption, Storefront } from '../api/types'
import { loadDraft, nextCard, saveDraft } from './draft'
import { fateOf, intentFor, isFor } from './intent'
import { typedNumber } from './link'
import { checkCredentials, checkReceiver, controlOf, normaliseMobile, type FieldErrors } from './validation'

/** What became of a submission: an order, a card that can't be redeemed any more, fields to correct, or nothing. */
export type Outcome = 'placed' | 'refused' | 'fields' | 'failed'

/** Said when nobody can tell whether the order is the one whose answer was lost. */
const ORDER_CAME = '这张卡刚刚新增了一笔订单，请先核对下面的订单，再决定是否继续提货。'

export interface Options {
  slug: string
  linkNumber: string
  api: Api
  storage: Storage
}

/** One customer's visit: what was typed, what the server said. Pages show it; they keep nothing themselves. */
export function createRedeem({ slug, linkNumber, api, storage }: Options) {
  const storefront = shallowRef<Storefront | null>(null)
  const storefrontFailure = shallowRef<Failure | null>(null)
  const draft = reactive(loadDraft(storage, slug, linkNumber))
  const card = shallowRef<CardView | null>(null)
  const busy = ref(false)
  const failure = shallowRef<Failure | null>(null)
  const fieldErrors = ref<FieldErrors>({})
  const notice = ref('')
  /** Until when the server wants no more tries, in this clock's milliseconds. */
  const blockedUntil = ref(0)

  watch(draft, () => { saveDraft(storage, slug, draft) }, { deep: true, flush: 'sync' })

  // A message goes as soon as its field is worked on.
  const fields: Record<string, () => unknown> = {
    number: () => draft.number,
    password: () => draft.password,
    'receiver.name': () => draft.receiver.name,
    'receiver.mobile': () => draft.receiver.mobile,
    'receiver.province': () => draft.receiver.region_code,
    'receiver.address': () => draft.receiver.address,
    remark: () => draft.remark,
  }
  for (const [field, typed] of Object.entries(fields)) {
    watch(typed, () => {
      if (fieldErrors.value[field]) fieldErrors.value = { ...fieldErrors.value, [field]: '' }
    })
  }

  const product = computed(() => card.value?.products.find((one) => one.id === draft.productId) ?? null)

  async function loadStorefront(given: Storefront | null = null) {
    storefrontFailure.value = null
    try {
      storefront.value = given ?? (await api.storefront())
    } catch (reason) {
      storefrontFailure.value = asFailure(reason)
    }
  }

  function fail(reason: unknown) {
    const why = asFailure(reason)
    if (why.retryAfter > 0) blockedUntil.value = Date.now() + why.retryAfter * 1000
    const errors: FieldErrors = {}
    for (const { field, message } of why.fields) errors[controlOf(field)] ??= message
    fieldErrors.value = errors
    const named = Object.keys(errors)
    // Said next to every field concerned, it need not be said again below them.
    failure.value = named.length > 0 && named.every((field) => field in fields) ? null : why
    return why
  }

  function clearMessages() {
    failure.value = null
    fieldErrors.value = {}
    notice.value = ''
  }

  /** One call at a time: a second tap on the way changes nothing. */
  async function alone<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    if (busy.value) return otherwise
    busy.value = true
    try {
      return await work()
    } finally {
      busy.value = false
    }
  }

  function credentials() {
    return { number: draft.number.trim(), password: draft.password.trim() }
  }

  /** Keeps the card as it is now, and ends an unanswered intent that has become an order or was another card's. */
  function take(view: CardView) {
    card.value = view
    const fate = draft.intent ? fateOf(draft.intent, view) : 'open'
    if (fate === 'open') return
    draft.intent = null
    if (fate === 'other card') return
    draft.productId = null
    if (view.state === 'redeemable') notice.value = ORDER_CAME
  }

  async function check(): Promise<boolean> {
    return alone(false, async () => {
      clearMessages()
      const typed = typedNumber(draft.number, slug)
      if ('number' in typed) draft.number = typed.number
      fieldErrors.value = {
        ...checkCredentials(draft.number, draft.password), ...('problem' in typed ? { number: typed.problem } : {}),
      }
      if (Object.keys(fieldErrors.value).length > 0) return false
      try {
        take(await api.check(credentials()))
        return true
      } catch (reason) {
        fail(reason)
        return false
      }
    })
  }

  function redemption(): Redemption {
    const { name, mobile, address, ...region } = draft.receiver
    return {
      ...credentials(),
      product_id: draft.productId ?? 0,
      receiver: { name: name.trim(), mobile: normaliseMobile(mobile), ...region, address: address.trim() },
      remark: draft.remark.trim(),
      source: 'h5',
    }
  }

  async function submit(): Promise<Outcome> {
    return alone<Outcome>('failed', async () => {
      clearMessages()
      const body = redemption()
      if (draft.intent && !isFor(draft.intent, body)) {
        // Sent with other words before, and unanswered: on a card for several pick-ups both could become orders.
        try {
          take(await api.check(credentials()))
        } catch (reason) {
          fail(reason)
          return 'failed'
        }
        if (!draft.intent) return 'refused'
      }
      if (!card.value) return 'failed'
      const intent = intentFor(draft.intent, body, card.value)
      // Saved before it is sent: a reload while the answer is on its way must find the key.
      draft.intent = intent
      try {
        const order = await api.redeem(body, intent.key)
        Object.assign(draft, { order, intent: null, productId: null, remark: '' })
        // Until it has been asked for, nobody knows how many pick-ups are left.
        card.value = null
        await refreshCard()
        return 'placed'
      } catch (reason) {
        const why = fail(reason)
        if (!why.settled) return 'failed'
        draft.intent = null
        if (why.fields.length > 0) return 'fields'
        // Asking again with a refused password would only count as one more try.
        if (why.code === 'card_or_password_wrong' || !(await refreshCard())) return 'failed'
        failure.value = null
        notice.value = why.message
        return 'refused'
      }
    })
  }

  async function refreshCard(): Promise<boolean> {
    try {
      take(await api.check(credentials()))
      return true
    } catch {
      return false
    }
  }

  /** Asks for the card of the order that was just placed, unless it is there; failing is no matter for a message. */
  async function recallCard(): Promise<void> {
    if (!card.value) await alone(false, refreshCard)
  }

  /** Begins a pick-up: what was placed before is over. */
  function choose(productId: number) {
    clearMessages()
    Object.assign(draft, { productId, order: null })
  }

  function checkForm(): boolean {
    clearMessages()
    fieldErrors.value = checkReceiver(draft.receiver, draft.remark)
    return Object.keys(fieldErrors.value).length === 0
  }

  function anotherCard(number = '') {
    clearMessages()
    Object.assign(draft, nextCard(draft, number))
    card.value = null
  }

  return {
    slug, linkNumber, storefront, storefrontFailure, draft, card, product, busy, failure, fieldErrors, notice, blockedUntil,
    loadStorefront, check, recallCard, choose, submit, checkForm, clearMessages, anotherCard,
  }
}

function asFailure(reason: unknown): Failure {
  return reason instanceof Failure ? reason : unreachable()
}

export type Redeem = ReturnType<typeof createRedeem>

export const redeemKey: InjectionKey<Redeem> = Symbol('redeem')

export function useRedeem(): Redeem {
  const redeem = inject(redeemKey)
  if (!redeem) throw new Error('useRedeem() outside of the app')
  return redeem
}
