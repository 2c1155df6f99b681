import type { SelectionAction } from '@/api/types'
import SelectionDialog from '@/pages/cards/SelectionDialog.vue'
import DistributorSelect from '@/pages/distributors/DistributorSelect.vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { DOMWrapper, flushPromises, mount } from '@vue/test-utils'
import { ElOption } from 'element-plus'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { job, selection, serve, type Sent } from './serve'

const refusal = (code: string, message: string) => ({ error: { code, message, data: {}, request_id: 'r' } })

function show(task: SelectionAction | 'assign' | null = 'activate') {
  const wrapper = mount(SelectionDialog, {
    attachTo: document.body,
    props: { task, filter: { serial_from: 1001, serial_to: 4000 }, conditions: ['卡序号 1001–4000'] },
    global: { plugins: [[VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]], stubs: { transition: true, 'router-link': true } },
  })
  const body = new DOMWrapper(document.body)
  const button = (label: string) => body.findAll('.el-dialog__footer button').find((one) => one.text() === label)
  return { wrapper, body, button }
}

const to = (sent: Sent[], end: string) => sent.filter((one) => one.method === 'POST' && one.path.endsWith(end))

beforeEach(() => {
  document.body.innerHTML = ''
  setActivePinia(createPinia())
})

describe('an action on what the filter found', () => {
  it('checks first, says what would happen, and applies once however often one clicks', async () => {
    let found: () => void = () => undefined
    const counting = new Promise<void>((resolve) => (found = resolve))
    const sent = serve(async (one) => {
      if (one.path.endsWith('/selections')) {
        await counting
        return [201, selection()]
      }
      if (one.path.endsWith('/apply')) return [201, job()]
      return [200, job({ status: 'done', done: 2950, result: { changed: 2950, unchanged: [] } })]
    })
    const { body, button } = show()
    await flushPromises()
    expect(body.text()).toContain('正在核对…')
    found()
    await flushPromises()
    expect(to(sent, '/selections').map((one) => one.body)).toEqual([{ filter: { serial_from: 1001, serial_to: 4000 }, action: 'activate' }])
    const text = body.text()
    expect(text).toContain('筛选到 3,000 张：2,950 张将激活')
    expect(text).toContain('50 张不变')
    expect(text).toContain('已经是激活状态48')
    expect(text).toContain('卡序号 1001 – 4000')
    expect(to(sent, '/apply')).toHaveLength(0)

    const yes = button('激活 2,950 张')
    void yes?.trigger('click')
    void yes?.trigger('click')
    await flushPromises()
    await button('激活 2,950 张')?.trigger('click')
    expect(to(sent, '/apply').map((one) => [one.path, one.body])).toEqual([['/api/m/cards/selections/5/apply', { expected: 2950 }]])
    expect(body.text()).toContain('1,000 / 2,950')
  })

  it('has nothing to confirm where nothing would change', async () => {
    serve(() => [201, selection({ will_change: 0, count: 50 })])
    const { body } = show()
    await flushPromises()
    expect(body.text()).toContain('筛选到 50 张，没有要激活的')
    expect(body.findAll('.el-dialog__footer button').map((one) => one.text())).toEqual(['取消'])
  })

  it('asks for the password before deleting, and keeps the dialog when it is wrong', async () => {
    const found = selection({ action: 'delete', count: 2, will_change: 2, unchanged: [], needs_password: true })
    const sent = serve((one) => {
      if (one.path.endsWith('/selections')) return [201, found]
      if (one.path.endsWith('/apply')) return (one.body as { password?: string }).password === 'right' ? [201, job()] : [403, refusal('password_wrong', '您的登录密码不正确')]
      return [200, job()]
    })
    const { body, button } = show('delete')
    await flushPromises()
    expect(body.text()).toContain('删除后不能恢复')
    await button('删除 2 张')?.trigger('click')
    expect(body.text()).toContain('请输入您自己的登录密码')
    expect(to(sent, '/apply')).toHaveLength(0)
    const box = body.get('input[type="password"]')
    await box.setValue('wrong')
    await button('删除 2 张')?.trigger('click')
    await flushPromises()
    expect(body.text()).toContain('您的登录密码不正确')
    await box.setValue('right')
    await button('删除 2 张')?.trigger('click')
    await flushPromises()
    expect(to(sent, '/apply').map((one) => one.body)).toEqual([
      { expected: 2, password: 'wrong' },
      { expected: 2, password: 'right' },
    ])
    expect(button('关闭')).toBeDefined()
  })

  it('sends only the attributes that are checked, and keeps the form when the server refuses it', async () => {
    let refuse = true
    const sent = serve((one) => {
      if (!one.path.endsWith('/selections')) return [200, { items: [], next: null }]
      return refuse ? [409, refusal('nothing_selected', '筛选结果中没有卡，请调整条件后再操作')] : [201, selection({ action: 'edit' })]
    })
    const { body, button } = show('edit')
    await flushPromises()
    await button('核对')?.trigger('click')
    expect(body.text()).toContain('请勾选要修改的属性')
    await body.get('input[aria-label="备注"]').setValue('送客户')
    await button('核对')?.trigger('click')
    await flushPromises()
    expect(body.text()).toContain('筛选结果中没有卡，请调整条件后再操作')
    expect(body.get<HTMLInputElement>('input[aria-label="备注"]').element.value).toBe('送客户')
    refuse = false
    await button('核对')?.trigger('click')
    await flushPromises()
    expect(to(sent, '/selections').map((one) => one.body)).toEqual(Array(2).fill({ filter: { serial_from: 1001, serial_to: 4000 }, action: 'edit', edit: { remark: '送客户' } }))
    expect(button('修改 2,950 张')).toBeDefined()
    await button('返回修改')?.trigger('click')
    expect(body.get<HTMLInputElement>('input[aria-label="备注"]').element.value).toBe('送客户')
  })

  it('offers only open distributors, and says at the field that one was closed meanwhile', async () => {
    const words = '券商“甲门店”已停用，请另选一个或先启用它'
    const one = (id: number, name: string, closed: boolean) => ({ id, name, closed, contact: '', phone: '', remark: '', created_at: '' })
    const fields = [{ field: 'distributor_id', code: 'distributor_closed', message: words }]
    const sent = serve((call) =>
      call.path.endsWith('/selections') ? [422, { error: { code: 'invalid_request', message: words, data: { fields }, request_id: 'r' } }] : [200, { items: [one(3, '甲门店', false), one(4, '乙商行', true)] }],
    )
    const { wrapper, body, button } = show('assign')
    await flushPromises()
    const box = wrapper.getComponent(DistributorSelect)
    expect(box.findAllComponents(ElOption).map((option) => option.props('label') as string)).toEqual(['甲门店', '收回，改为未分配券商'])
    box.vm.$emit('update:modelValue', 3)
    await button('核对')?.trigger('click')
    await flushPromises()
    expect(to(sent, '/selections').map((call) => call.body)).toEqual([{ filter: { serial_from: 1001, serial_to: 4000 }, action: 'edit', edit: { distributor_id: 3 } }])
    expect(body.findAll('[role="alert"]').map((alert) => alert.text())).toEqual([words])
    expect(button('核对')).toBeDefined()
  })

  it('starts over when the dry run is too old, and not on a lost answer', async () => {
    const answers: [number, unknown][] = [
      [502, null],
      [409, refusal('selection_expired', '核对已超过一小时，数据可能已变化，请重新查询后再操作')],
    ]
    const sent = serve((one) => (one.path.endsWith('/apply') ? (answers.shift() ?? [201, job()]) : [201, selection()]))
    const { body, button } = show()
    await flushPromises()
    await button('激活 2,950 张')?.trigger('click')
    await flushPromises()
    expect(body.text()).toContain('服务器正在重启')
    await button('激活 2,950 张')?.trigger('click')
    await flushPromises()
    expect(body.text()).toContain('核对已超过一小时')
    expect(button('激活 2,950 张')).toBeUndefined()
    await button('重新核对')?.trigger('click')
    await flushPromises()
    expect(to(sent, '/selections')).toHaveLength(2)
    expect(button('激活 2,950 张')).toBeDefined()
  })

  it('gives up a dry run that was closed, and shows nothing of it in the next', async () => {
    const waiting: (() => void)[] = []
    serve(async (one) => {
      const { action } = one.body as { action: SelectionAction }
      if (action === 'activate') await new Promise<void>((resolve) => waiting.push(resolve))
      return [201, selection({ action, will_change: action === 'activate' ? 1 : 22 })]
    })
    const { wrapper, button } = show()
    await flushPromises()
    await wrapper.setProps({ task: null })
    await wrapper.setProps({ task: 'restore' })
    await flushPromises()
    for (const go of waiting) go()
    await flushPromises()
    expect(button('恢复 22 张')).toBeDefined()
    expect(button('激活 1 张')).toBeUndefined()
  })
})
