import { computed, inject, reactive, ref, shallowRef, watch, type InjectionKey } from 'vue'
import type { Api, Operator } from '../api/client'
import { asFailure, type Failure } from '../api/failure'
import type { CardView, Credentials, DaysView, Redemption, Storefront } from '../api/types'
import { areaProblem } from './areas'
import { createCaptcha } from './captcha'
import { dayProblem, daysIn } from './days'
import { emptyDraft, loadDraft, nextCard, saveDraft, type Mode } from './draft'
import { fateOf, intentFor, isFor } from './intent'
import { createKeeper, isEmpty } from './kept'
import { typedNumber } from './link'
import { checkCredentials, checkReceiver, controlOf, normaliseMobile, oneLine, type FieldErrors } from './validation'

/** What became of a submission: an order, a card that can't be redeemed any more, fields to correct, or nothing. */
export type Outcome = 'placed' | 'refused' | 'fields' | 'failed'

/** Said when nobody can tell whether the order is the one whose answer was lost. */
const ORDER_CAME = '这张卡刚刚新增了一笔订单，请先核对下面的订单，再决定是否继续提货。'

/** A wait that is worth a word. */
const SLOW_MS = 3000

/** Refusals that belong to one control. */
const CONTROLS: Partial<Record<Failure['code'], string>> = {
  day_full: 'ship_on',
  day_not_open: 'ship_on',
  day_missing: 'ship_on',
  undeliverable_area: 'receiver.province',
  captcha_needed: 'captcha',
  captcha_wrong: 'captcha',
}

export interface Options {
  slug: string
  linkNumber: string
  api: Api
  /** Dies with the tab: it may hold the password. */
  storage: Storage
  /** Stays until another day. */
  lasting: () => Storage
  /** "phone": an operator types for a caller (电话提货). */
  mode?: Mode
}

/** One customer's visit: what was typed, what the server said. Pages show it; they keep nothing themselves. */
export function createRedeem({ slug, linkNumber, api, storage, lasting, mode = 'own' }: Options) {
  const phone = mode === 'phone'
  const storefront = shallowRef<Storefront | null>(null)
  const storefrontFailure = shallowRef<Failure | null>(null)
  const operator = shallowRef<Operator | null>(null)
  const operatorFailure = shallowRef<Failure | null>(null)
  const draft = reactive(loadDraft(storage, slug, linkNumber, mode))
  const keeper = createKeeper(slug, lasting)
  const card = shallowRef<CardView | null>(null)
  const captcha = createCaptcha(api)
  const busy = ref(false)
  const slow = ref(false)
  const failure = shallowRef<Failure | null>(null)
  const fieldErrors = ref<FieldErrors>({})
  const notice = ref('')
  /** Until when the server wants no more tries, in this clock's milliseconds. */
  const blockedUntil = ref(0)
  const days = shallowRef<DaysView | null>(null)
  const daysFailure = shallowRef<Failure | null>(null)
  const daysBusy = ref(false)
  /** The form was filled in from another day's. */
  const restored = ref(false)
  const remembers = ref(!phone && keeper.any())
  /** The order came just now, not before a reload. */
  const justPlaced = ref(false)
  /** The card is known to be otherwise than it is shown. */
  let stale = false

  watch(draft, () => {
    saveDraft(storage, slug, draft, mode)
    if (phone || card.value?.state !== 'redeemable' || draft.order) return
    keeper.keep(draft)
    remembers.value = keeper.any()
  }, { deep: true, flush: 'sync' })

  // A message goes as soon as its field is worked on.
  const fields: Record<string, () => unknown> = {
    number: () => draft.number,
    password: () => draft.password,
    captcha: () => captcha.answer.value,
    'receiver.name': () => draft.receiver.name,
    'receiver.mobile': () => draft.receiver.mobile,
    'receiver.province': () => draft.receiver.region_code,
    'receiver.address': () => draft.receiver.address,
    remark: () => draft.remark,
    ship_on: () => draft.shipOn,
  }
  for (const [field, typed] of Object.entries(fields)) {
    watch(typed, () => {
      if (fieldErrors.value[field]) fieldErrors.value = { ...fieldErrors.value, [field]: '' }
    })
  }

  const product = computed(() => card.value?.products.find((one) => one.id === draft.productId) ?? null)
  /** Whether the card can be redeemed now, of its own and of the storefront's accord. */
  const redeemable = computed(() => card.value?.state === 'redeemable' && card.value.open)
  /** Why the region can't be delivered to, said as soon as it is picked. */
  const areaNotice = computed(() => (product.value ? areaProblem(product.value, draft.receiver.region_code ?? null) : ''))
  /** Why the day that is chosen can't be had any more. */
  const dayNotice = computed(() => (days.value && draft.shipOn !== null ? dayProblem(days.value, draft.shipOn) : ''))

  async function loadStorefront(given: Storefront | null = null) {
    storefrontFailure.value = null
    try {
      storefront.value = given ?? (await api.storefront())
    } catch (reason) {
      storefrontFailure.value = asFailure(reason)
    }
  }

  async function loadOperator() {
    operatorFailure.value = null
    try {
      operator.value = await api.operator()
    } catch (reason) {
      operatorFailure.value = asFailure(reason)
    }
  }

  async function fail(reason: unknown): Promise<Failure> {
    const why = asFailure(reason)
    if (why.retryAfter > 0) blockedUntil.value = Date.now() + why.retryAfter * 1000
    if (phone && why.code === 'not_signed_in') {
      operator.value = null
      operatorFailure.value = why
    }
    // Used up by whatever came of it.
    if (captcha.wanted.value || CONTROLS[why.code] === 'captcha') await captcha.want()
    const errors: FieldErrors = {}
    for (const { field, message } of why.fields) errors[controlOf(field)] ??= message
    const control = CONTROLS[why.code]
    if (control) errors[control] ??= why.message
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
    const timer = setTimeout(() => { slow.value = true }, SLOW_MS)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      busy.value = slow.value = false
    }
  }

  function credentials(): Credentials {
    return { number: draft.number.trim(), password: draft.password.trim(), source: phone ? 'phone' : 'h5' }
  }

  /** The card as the server sees it now. Throws what the client throws. */
  async function asked(): Promise<CardView> {
    const view = await api.check({ ...credentials(), ...captcha.aside() })
    captcha.passed()
    stale = false
    return view
  }

  /** Keeps the card as it is now, and ends an unanswered intent that has become an order or was another card's. */
  function take(view: CardView) {
    card.value = view
    recall(view)
    const fate = draft.intent ? fateOf(draft.intent, view) : 'open'
    if (fate === 'open') return
    draft.intent = null
    if (fate === 'other card') return
    draft.productId = null
    if (view.state === 'redeemable') notice.value = ORDER_CAME
  }

  /** Fills what is empty with what was typed for this card another day. */
  function recall(view: CardView) {
    const kept = phone || draft.order || draft.intent || view.state !== 'redeemable' ? null : keeper.find(view.number)
    if (!kept) return
    if (isEmpty(draft.receiver) && !isEmpty(kept.receiver)) {
      draft.receiver = kept.receiver
      restored.value = true
    }
    if (draft.remark.trim() === '' && kept.remark !== '') {
      draft.remark = kept.remark
      restored.value = true
    }
    draft.shipOn ??= kept.shipOn
    if (view.products.some((one) => one.id === kept.productId)) draft.productId ??= kept.productId
  }

  function captchaMissing(): boolean {
    const problem = captcha.missing()
    if (problem) fieldErrors.value = { ...fieldErrors.value, captcha: problem }
    return problem !== ''
  }

  async function check(): Promise<boolean> {
    return alone(false, async () => {
      clearMessages()
      const typed = typedNumber(draft.number, slug)
      if ('number' in typed) draft.number = typed.number
      fieldErrors.value = {
        ...checkCredentials(draft.number, draft.password), ...('problem' in typed ? { number: typed.problem } : {}),
      }
      if (captchaMissing() || Object.keys(fieldErrors.value).length > 0) return false
      try {
        take(await asked())
        return true
      } catch (reason) {
        await fail(reason)
        return false
      }
    })
  }

  function redemption(): Redemption {
    const { name, mobile, address, ...region } = draft.receiver
    return {
      ...credentials(),
      product_id: draft.productId ?? 0,
      receiver: { name: name.trim(), mobile: normaliseMobile(mobile), ...region, address: oneLine(address) },
      remark: oneLine(draft.remark),
      ship_on: draft.shipOn,
    }
  }

  async function submit(): Promise<Outcome> {
    return alone<Outcome>('failed', async () => {
      clearMessages()
      if (captchaMissing()) return 'failed'
      const body = redemption()
      if (stale || (draft.intent && !isFor(draft.intent, body))) {
        // Either the card was used meanwhile, or other words were sent before and are unanswered: on a card for several
        // pick-ups both could become orders.
        const lookAgain = stale
        try {
          take(await asked())
        } catch (reason) {
          await fail(reason)
          return 'failed'
        }
        if (lookAgain) return usedMeanwhile(ORDER_CAME)
        if (!draft.intent) return 'refused'
      }
      if (!card.value) return 'failed'
      const seen = card.value
      const intent = intentFor(draft.intent, body, seen)
      // Saved before it is sent: a reload while the answer is on its way must find the key.
      draft.intent = intent
      try {
        const order = await api.redeem(body, intent.key, { uses_left_seen: seen.uses_left, ...captcha.aside() })
        captcha.passed()
        if (!phone) keeper.drop(seen.number)
        Object.assign(draft, { order, intent: null, productId: null, remark: '', shipOn: null })
        remembers.value = !phone && keeper.any()
        restored.value = false
        justPlaced.value = true
        // Until it has been asked for, nobody knows how many pick-ups are left.
        card.value = null
        await refreshCard()
        return 'placed'
      } catch (reason) {
        return refused(await fail(reason))
      }
    })
  }

  async function refused(why: Failure): Promise<Outcome> {
    if (!why.settled) return 'failed'
    draft.intent = null
    if (CONTROLS[why.code] === 'ship_on') takeDays(daysIn(why.data))
    if (CONTROLS[why.code] || why.fields.length > 0) return 'fields'
    // Asking again with a refused password would only count as one more try.
    if (why.code === 'card_or_password_wrong') return 'failed'
    if (!(await refreshCard())) {
      stale = why.code === 'card_used_meanwhile'
      return 'failed'
    }
    failure.value = null
    if (why.code === 'card_used_meanwhile') return usedMeanwhile(why.message)
    notice.value = why.message
    return 'refused'
  }

  /** Somebody redeemed the card in between: its orders are to be looked at before anything else. */
  function usedMeanwhile(words: string): Outcome {
    draft.intent = null
    draft.productId = null
    notice.value = words
    return 'refused'
  }

  async function refreshCard(): Promise<boolean> {
    try {
      take(await asked())
      return true
    } catch {
      return false
    }
  }

  /** Asks for the card of the order that was just placed, unless it is there; failing is no matter for a message. */
  async function recallCard(): Promise<void> {
    if (!card.value) await alone(false, refreshCard)
  }

  let daysTurn = 0

  /** The days on which the chosen product can go to the chosen region; a later question overtakes an earlier one. */
  async function loadDays(): Promise<void> {
    const { productId, receiver } = draft
    if (productId === null) return
    daysTurn += 1
    const turn = daysTurn
    daysBusy.value = true
    daysFailure.value = null
    try {
      const view = await api.days(productId, receiver.region_code ?? null)
      if (turn === daysTurn) takeDays(view)
    } catch (reason) {
      if (turn === daysTurn) daysFailure.value = asFailure(reason)
    }
    if (turn === daysTurn) daysBusy.value = false
  }

  function takeDays(view: DaysView | null) {
    if (!view) return
    days.value = view
    if (view.mode === 'none') draft.shipOn = null
  }

  /** Begins a pick-up: what was placed before is over. */
  function choose(productId: number) {
    clearMessages()
    justPlaced.value = false
    if (productId !== draft.productId) days.value = null
    Object.assign(draft, { productId, order: null })
  }

  function checkForm(): boolean {
    clearMessages()
    const { receiver, remark, shipOn } = draft
    const errors = checkReceiver(receiver, remark)
    if (areaNotice.value) errors['receiver.province'] ??= areaNotice.value
    const problem = days.value ? dayProblem(days.value, shipOn) : ''
    if (problem) errors.ship_on = problem
    fieldErrors.value = errors
    return Object.keys(errors).length === 0
  }

  /** Empties the form, and this browser's memory of this shop's forms. */
  function forget() {
    clearMessages()
    const { receiver, remark, shipOn } = emptyDraft()
    Object.assign(draft, { receiver, remark, shipOn })
    keeper.clear()
    remembers.value = restored.value = false
  }

  function anotherCard(number = '') {
    begin(nextCard(draft, number))
  }

  /** Nothing of a caller is left for the next. */
  function nextCaller() {
    begin(emptyDraft())
  }

  function begin(next: typeof draft) {
    clearMessages()
    captcha.passed()
    card.value = null
    days.value = null
    restored.value = justPlaced.value = stale = false
    Object.assign(draft, next)
  }

  return {
    slug, linkNumber, phone, api, storefront, storefrontFailure, operator, operatorFailure, draft, card, product, redeemable,
    captcha, busy, slow, failure, fieldErrors, notice, blockedUntil, days, daysFailure, daysBusy, areaNotice, dayNotice,
    restored, remembers, justPlaced,
    /** The storefront's own address, in the same mode. */
    home: `/c/${encodeURIComponent(slug)}${phone ? '?by=phone' : ''}`,
    loadStorefront, loadOperator, loadDays, check, recallCard, choose, submit, checkForm, clearMessages, forget, anotherCard,
    nextCaller,
  }
}

export type Redeem = ReturnType<typeof createRedeem>

export const redeemKey: InjectionKey<Redeem> = Symbol('redeem')

export function useRedeem(): Redeem {
  const redeem = inject(redeemKey)
  if (!redeem) throw new Error('useRedeem() outside of the app')
  return redeem
}
