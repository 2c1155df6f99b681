import { vi } from 'vitest'
import type { Api } from '../src/api/client'
import type { CardView, OrderView, Receiver, Storefront } from '../src/api/types'

export const storefront: Storefront = {
  slug: 'demo', name: '果园', logo_url: null, banner_url: null, theme_color: '#07C160', welcome: '欢迎',
  contact_phone: '400-000-0000', open: true, closed_notice: '',
}

export const receiver: Receiver = {
  name: '张小明', mobile: '13800138000', province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106',
  address: '文三路 100 号',
}

export function card(change: Partial<CardView> = {}): CardView {
  return {
    number: 'A58800000001', name: '388 卡', face_value_fen: 38800, valid_from: null, valid_until: '2027-12-31',
    state: 'redeemable', message: '', uses_total: 1, uses_left: 1,
    products: [
      { id: 1, name: '苹果', pictures: [], contents: ['5 斤'], detail_html: '' },
      { id: 2, name: '桃子', pictures: [], contents: [], detail_html: '<p>甜</p>' },
    ],
    orders: [],
    ...change,
  }
}

export function order(change: Partial<OrderView> = {}): OrderView {
  return {
    number: 'TH1', status: 'to_ship', placed_at: '2026-11-22T05:21:00Z', remark: '',
    product: { name: '苹果', pictures: [], contents: ['5 斤'] },
    receiver: { ...receiver, mobile: '138****8000' },
    shipments: [],
    ...change,
  }
}

/** A card for six pick-ups after so many of them, the latest last, as the server lists them. */
export function sixTimes(used: number, change: Partial<CardView> = {}): CardView {
  const orders = Array.from({ length: used }, (_, at) =>
    order({ number: `TH${at + 1}`, placed_at: `2026-11-2${at + 1}T05:21:00Z` }))
  return card({ uses_total: 6, uses_left: 6 - used, state: used < 6 ? 'redeemable' : 'redeemed', orders, ...change })
}

export function fakeApi() {
  return {
    storefront: vi.fn<Api['storefront']>().mockResolvedValue(storefront),
    check: vi.fn<Api['check']>().mockResolvedValue(card()),
    redeem: vi.fn<Api['redeem']>().mockResolvedValue(order()),
  }
}
