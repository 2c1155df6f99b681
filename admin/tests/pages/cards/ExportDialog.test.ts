import ExportDialog from '@/pages/cards/ExportDialog.vue'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { DOMWrapper, flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { job, serve, type Sent } from './serve'

async function show(permissions: string[], count = 280) {
  useSession().me = { staff: { id: 1, name: '店主', permissions } } as never
  const wrapper = mount(ExportDialog, {
    attachTo: document.body,
    props: { modelValue: false, filter: { batch_id: 3 }, count: { value: count, exact: true }, conditions: ['批次 20260101-01'] },
    global: { plugins: [[VueQueryPlugin, { queryClient: new QueryClient() }]], stubs: { transition: true, 'router-link': true } },
  })
  await wrapper.setProps({ modelValue: true })
  await flushPromises()
  const body = new DOMWrapper(document.body)
  const button = (label: string) => body.findAll('button').find((one) => one.text().startsWith(label))
  return { body, button }
}

const exports = (sent: Sent[]) => sent.filter((one) => one.path === '/api/m/cards/exports').map((one) => one.body)
const DONE = job({ kind: 'export_cards', status: 'done', result: { count: 280, first_number: 'A1', last_number: 'A280', checksum: 'abc123' } })

beforeEach(() => {
  document.body.innerHTML = ''
  setActivePinia(createPinia())
})

it('asks for the password where passwords are exported, starts once, and shows the check figures', async () => {
  let right = false
  const sent = serve((one) => {
    if (one.path !== '/api/m/cards/exports') return [200, DONE]
    return right ? [201, DONE] : [403, { error: { code: 'password_wrong', message: '您的登录密码不正确', data: {}, request_id: 'r' } }]
  })
  const { body, button } = await show(['cards', 'card_passwords'])
  await button('开始导出')?.trigger('click')
  expect(body.text()).toContain('请输入您自己的登录密码')
  expect(exports(sent)).toEqual([])
  await body.get('input[type="password"]').setValue('secret1')
  await button('开始导出')?.trigger('click')
  await flushPromises()
  expect(body.text()).toContain('您的登录密码不正确')
  right = true
  void button('开始导出')?.trigger('click')
  void button('开始导出')?.trigger('click')
  await flushPromises()
  const wanted = { filter: { batch_id: 3 }, columns: ['serial', 'number', 'password', 'link', 'name', 'face_value'], pictures: 'none', password: 'secret1' }
  expect(exports(sent)).toEqual([wanted, wanted])
  expect(body.text()).toContain('A280')
  expect(body.text()).toContain('abc123')
  expect(body.find('input[type="password"]').exists()).toBe(false)
})

it('leaves passwords out and says why without the permission', async () => {
  const sent = serve(() => [201, DONE])
  const { body, button } = await show(['cards'])
  expect(body.text()).toContain('没有「导出卡券密码」权限')
  expect(body.find('input[type="password"]').exists()).toBe(false)
  await button('开始导出')?.trigger('click')
  await flushPromises()
  expect(exports(sent)).toEqual([{ filter: { batch_id: 3 }, columns: ['serial', 'number', 'link', 'name', 'face_value'], pictures: 'none' }])
})

it('explains the limit on pictures before anything is sent', async () => {
  const sent = serve(() => [201, DONE])
  const { body, button } = await show(['cards'], 100_001)
  expect(button('开始导出')?.attributes('disabled')).toBeUndefined()
  await body.get('input[type="radio"][value="svg"]').setValue(true)
  expect(body.text()).toContain('带二维码图片时，一次最多导出 100,000 张')
  expect(button('开始导出')?.attributes('disabled')).toBeDefined()
  expect(exports(sent)).toEqual([])
})
