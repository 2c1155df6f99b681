import type { Product } from '@/api/types'
import ProductForm from '@/pages/products/ProductForm.vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { serve } from '../cards/serve'

const product: Product = {
  id: 7,
  name: '苹果礼盒',
  code: '',
  erp_code: '',
  pictures: [],
  contents: [],
  detail_html: '',
  attributes: [],
  undeliverable: [
    { code: '650000', name: '新疆维吾尔自治区' },
    { code: '540000', name: '西藏自治区' },
  ],
  undeliverable_note: '冷链到不了',
  on_shelf: true,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
}

async function show(one: Product | null, answer: [number, unknown] = [200, product]) {
  const sent = serve(() => answer)
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<i />' } }] })
  const page = mount(ProductForm, { props: { product: one }, global: { plugins: [router, [VueQueryPlugin, { queryClient: new QueryClient() }]] as never, stubs: { RichText: true } } })
  await flushPromises()
  return { page, sent }
}

beforeEach(() => {
  sessionStorage.clear()
  // jsdom lays nothing out.
  Element.prototype.scrollIntoView = () => undefined
  setActivePinia(createPinia())
})

it('sends the areas as codes, with the note', async () => {
  const { page, sent } = await show(product)
  expect(page.text()).toContain('新疆维吾尔自治区')
  await page.find('.areas .el-tag__close').trigger('click')
  await page.find('form').trigger('submit')
  await flushPromises()
  expect(sent).toMatchObject([{ method: 'PUT', path: '/api/m/products/7', body: { undeliverable: ['540000'], undeliverable_note: '冷链到不了', picture_keys: [] } }])
})

it('asks for no note where everything is delivered', async () => {
  const { page, sent } = await show(null, [201, product])
  expect(page.text()).toContain('全国都发货')
  expect(page.text()).not.toContain('不发货说明')
  await page.find('[placeholder^="例如：苹果桃子"]').setValue('桃子')
  await page.find('form').trigger('submit')
  await flushPromises()
  expect(sent).toMatchObject([{ method: 'POST', path: '/api/m/products', body: { name: '桃子', undeliverable: [], undeliverable_note: '' } }])
})

it('puts the refusal of an area next to the chooser', async () => {
  const message = '没有编码为 330104 的地区，请从列表中选择'
  const { page } = await show(product, [422, { error: { code: 'invalid_request', message, data: { fields: [{ field: 'undeliverable', code: 'area_unknown', message }] }, request_id: 'r' } }])
  await page.find('form').trigger('submit')
  await flushPromises()
  const wrong = () => page.findAll('.el-form-item').filter((one) => one.find('.el-form-item__error').exists())
  await vi.waitFor(() => expect(wrong().map((one) => one.find('.el-form-item__label').text())).toEqual(['不发货地区']))
})
