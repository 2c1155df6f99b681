import { vi } from 'vitest'
import type { Api } from '../src/api/client'
import type { CardView, DaysView, OfferedDay, OrderView, Receiver, SplitAddress, Storefront } from '../src/api/types'

export const storefront: Storefront = {
  slug: 'demo', name: '果园', logo_url: null, banner_url: null, theme_color: '#07C160', page_color: '', welcome: '欢迎',
  announcement: '', contact_phone: '400-000-0000', contact_hours: '', contact_wechat: '', jump_url: '',
  texts: { enter: '', choose: '', form: '', confirm: '', done: '' }, open: true, closed_notice: '',
}

export const receiver: Receiver = {
  name: '张小明', mobile: '13800138000', province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106',
  address: '文三路 100 号',
}

const everywhere = { undeliverable: [], undeliverable_note: '' }

export function card(change: Partial<CardView> = {}): CardView {
  return {
    number: 'A58800000001', name: '388 卡', face_value_fen: 38800, valid_from: null, valid_until: '2027-12-31',
    state: 'redeemable', open: true, message: '', uses_total: 1, uses_left: 1,
    products: [
      { id: 1, name: '苹果', pictures: [], contents: ['5 斤'], detail_html: '', ...everywhere },
      { id: 2, name: '桃子', pictures: [], contents: [], detail_html: '<p>甜</p>', ...everywhere },
    ],
    orders: [],
    ...change,
  }
}

export function order(change: Partial<OrderView> = {}): OrderView {
  return {
    number: 'TH1', token: null, status: 'to_ship', source: 'h5', ship_on: null, placed_at: '2026-11-22T05:21:00Z',
    completed_at: null, product: { name: '苹果', pictures: [], contents: ['5 斤'] }, product_id: 1,
    receiver: { ...receiver, region_code: '330106', mobile: '138****8000' }, remark: '', shipments: [],
    may_correct_address: false, may_correct_date: false,
    ...change,
  }
}

/** A card for six pick-ups after so many of them, the latest last, as the server lists them. */
export function sixTimes(used: number, change: Partial<CardView> = {}): CardView {
  const orders = Array.from({ length: used }, (_, at) =>
    order({ number: `TH${at + 1}`, placed_at: `2026-11-2${at + 1}T05:21:00Z` }))
  return card({ uses_total: 6, uses_left: 6 - used, state: used < 6 ? 'redeemable' : 'redeemed', orders, ...change })
}

export const noDays: DaysView = { mode: 'none', required: false, note: '', days: [], nearest: null }

export function offered(day: string, change: Partial<OfferedDay> = {}): OfferedDay {
  return { day, open: true, fullness: null, reason: null, ...change }
}

/** The first days of December 2026; the 1st is too early, the 2nd full. */
export function december(change: Partial<DaysView> = {}): DaysView {
  return {
    mode: 'window', required: true, note: '每天 18 点截单', nearest: '2026-12-03',
    days: [
      offered('2026-12-01', { open: false, reason: 'too_early' }),
      offered('2026-12-02', { open: false, reason: 'full', fullness: 100 }),
      offered('2026-12-03', { fullness: 85 }),
      offered('2026-12-04', { fullness: 20 }),
      offered('2026-12-05', { open: false, reason: 'weekday' }),
    ],
    ...change,
  }
}

export function split(change: Partial<SplitAddress> = {}): SplitAddress {
  return {
    name: '王五', mobile: '13900139000', extension: '', phone: '', province: '广东省', city: '深圳市', district: '南山区',
    region_code: '440305', address: '科技园 1 号', missing: [], unsure: [], ...change,
  }
}

export function fakeApi() {
  return {
    storefront: vi.fn<Api['storefront']>().mockResolvedValue(storefront),
    check: vi.fn<Api['check']>().mockResolvedValue(card()),
    redeem: vi.fn<Api['redeem']>().mockResolvedValue(order()),
    days: vi.fn<Api['days']>().mockResolvedValue(noDays),
    split: vi.fn<Api['split']>().mockResolvedValue(split()),
    captcha: vi.fn<Api['captcha']>().mockResolvedValue({ id: 'c1', image: 'data:image/png;base64,AA==' }),
    order: vi.fn<Api['order']>(),
    correct: vi.fn<Api['correct']>().mockResolvedValue(order()),
    operator: vi.fn<Api['operator']>().mockResolvedValue({ name: '小李', slug: 'demo' }),
  }
}
