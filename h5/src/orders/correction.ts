import { reactive, ref, shallowRef, watch } from 'vue'
import { asFailure, type Failure } from '../api/failure'
import type { DaysView, OrderView, ProductView } from '../api/types'
import { areaProblem } from '../redeem/areas'
import { dayProblem, daysIn } from '../redeem/days'
import type { Redeem } from '../redeem/state'
import { checkReceiver, controlOf, normaliseMobile, oneLine, type FieldErrors } from '../redeem/validation'

export type Part = 'receiver' | 'ship_on'

/** Refusals that belong to one control. */
const CONTROLS: Partial<Record<Failure['code'], string>> = {
  day_full: 'ship_on',
  day_not_open: 'ship_on',
  day_missing: 'ship_on',
  undeliverable_area: 'receiver.province',
  captcha_needed: 'captcha',
  captcha_wrong: 'captcha',
}

/** After these the order is no longer what the page shows. */
const OVERTAKEN: Failure['code'][] = [
  'order_already_shipped', 'order_cancelled', 'order_handed_over', 'order_not_found', 'correction_not_allowed',
]

/** What the holder types to correct one order; a refusal keeps all of it. `product`: to know where it isn't sent. */
export function createCorrection(redeem: Redeem, order: OrderView, part: Part, product: ProductView | null = null) {
  // The mobile comes masked, and a mask is no number to send a parcel to: it is typed anew.
  const receiver = reactive({ ...order.receiver, mobile: '' })
  const shipOn = ref(order.ship_on)
  const days = shallowRef<DaysView | null>(null)
  const busy = ref(false)
  const failure = shallowRef<Failure | null>(null)
  const errors = ref<FieldErrors>({})
  const overtaken = ref(false)

  function clears(field: string, typed: () => unknown) {
    watch(typed, () => { if (errors.value[field]) errors.value = { ...errors.value, [field]: '' } })
  }
  clears('receiver.name', () => receiver.name)
  clears('receiver.mobile', () => receiver.mobile)
  clears('receiver.province', () => receiver.region_code)
  clears('receiver.address', () => receiver.address)
  clears('ship_on', () => shipOn.value)
  clears('captcha', () => redeem.captcha.answer.value)

  async function loadDays(): Promise<void> {
    failure.value = null
    try {
      days.value = await redeem.api.days(order.product_id, order.receiver.region_code)
    } catch (reason) {
      failure.value = asFailure(reason)
    }
  }

  function wrong(): FieldErrors {
    const found: FieldErrors = part === 'receiver' ? checkReceiver(receiver, '') : {}
    const area = part === 'receiver' && product ? areaProblem(product, receiver.region_code) : ''
    if (area) found['receiver.province'] ??= area
    if (part === 'ship_on') {
      // Its own day is kept for it, however full.
      if (shipOn.value === order.ship_on) found.ship_on = '请选择另一个日期'
      else if (days.value && dayProblem(days.value, shipOn.value)) found.ship_on = dayProblem(days.value, shipOn.value)
    }
    const captcha = redeem.captcha.missing()
    if (captcha) found.captcha = captcha
    return found
  }

  function changes() {
    if (part === 'ship_on') return { receiver: null, ship_on: shipOn.value }
    const { name, mobile, address, ...region } = receiver
    return {
      receiver: { ...region, name: name.trim(), mobile: normaliseMobile(mobile), address: oneLine(address) }, ship_on: null,
    }
  }

  /** True when the order is corrected; the card then shows it so. */
  async function submit(): Promise<boolean> {
    if (busy.value) return false
    failure.value = null
    errors.value = wrong()
    if (Object.keys(errors.value).length > 0) return false
    busy.value = true
    try {
      const corrected = await redeem.api.correct(order.number, {
        number: redeem.draft.number.trim(), password: redeem.draft.password.trim(),
        source: redeem.phone ? 'phone' : 'h5', ...redeem.captcha.aside(), ...changes(),
      })
      redeem.captcha.passed()
      take(corrected)
      return true
    } catch (reason) {
      await fail(asFailure(reason))
      return false
    } finally {
      busy.value = false
    }
  }

  function take(corrected: OrderView) {
    const card = redeem.card.value
    if (!card) return
    redeem.card.value = {
      ...card, orders: card.orders.map((one) => (one.number === corrected.number ? corrected : one)),
    }
  }

  async function fail(why: Failure) {
    if (why.retryAfter > 0) redeem.blockedUntil.value = Date.now() + why.retryAfter * 1000
    overtaken.value = OVERTAKEN.includes(why.code)
    // Used up by whatever came of it.
    if (redeem.captcha.wanted.value || CONTROLS[why.code] === 'captcha') await redeem.captcha.want()
    days.value = daysIn(why.data) ?? days.value
    const found: FieldErrors = {}
    for (const { field, message } of why.fields) found[controlOf(field)] ??= message
    const control = CONTROLS[why.code]
    if (control) found[control] ??= why.message
    errors.value = found
    failure.value = Object.keys(found).length > 0 ? null : why
  }

  return { receiver, shipOn, days, busy, failure, errors, overtaken, loadDays, submit }
}
