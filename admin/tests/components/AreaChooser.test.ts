import type { Area } from '@/api/types'
import AreaChooser from '@/components/AreaChooser.vue'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'

const body = () => document.body
const buttons = () => [...body().querySelectorAll('.el-dialog button')]
const button = (text: string) => buttons().find((one) => one.textContent.trim() === text) as HTMLButtonElement
const item = (name: string) => [...body().querySelectorAll('.el-tree-node__content')].find((one) => one.textContent.trim() === name) as HTMLElement
const tags = () => [...body().querySelectorAll('.el-dialog .el-tag')].map((one) => one.textContent.trim())

function show(areas: Area[]) {
  const page = mount(AreaChooser, {
    props: { modelValue: areas, label: '不发货地区', 'onUpdate:modelValue': (value: Area[]) => void page.setProps({ modelValue: value }) },
    attachTo: document.body,
  })
  return page
}

async function open(page: ReturnType<typeof show>, label: string) {
  await page.findAll('button').find((one) => one.text() === label)?.trigger('click')
  await vi.waitFor(() => expect(body().querySelector('.el-tree-node')).not.toBeNull(), 5000)
  await flushPromises()
}

afterEach(() => {
  document.body.innerHTML = ''
})

it('takes a province whole, a district found by its name, and gives codes with names', async () => {
  const page = show([])
  expect(page.text()).toContain('全国都发货')
  await open(page, '选择地区')
  button('新疆、西藏').click()
  await flushPromises()
  expect(tags()).toEqual(['西藏自治区', '新疆维吾尔自治区'])
  const search = body().querySelector('.el-dialog input[placeholder^="搜索"]') as HTMLInputElement
  search.value = '深圳 南山'
  search.dispatchEvent(new Event('input'))
  await flushPromises()
  item('南山区').click()
  await flushPromises()
  button('确定').click()
  await flushPromises()
  expect(page.props('modelValue')).toEqual([
    { code: '440305', name: '广东省深圳市南山区' },
    { code: '540000', name: '西藏自治区' },
    { code: '650000', name: '新疆维吾尔自治区' },
  ])
}, 20_000)

it('leaves out what lies in a chosen area, and a second press takes it back', async () => {
  const page = show([{ code: '650100', name: '新疆维吾尔自治区乌鲁木齐市' }])
  await open(page, '修改地区')
  expect(tags()).toEqual(['新疆维吾尔自治区 乌鲁木齐市'])
  button('新疆、西藏').click()
  await flushPromises()
  expect(tags()).toEqual(['西藏自治区', '新疆维吾尔自治区'])
  button('新疆、西藏').click()
  await flushPromises()
  expect(tags()).toEqual([])
}, 20_000)

it('changes nothing when given up', async () => {
  const page = show([{ code: '710000', name: '台湾省' }])
  await open(page, '修改地区')
  button('新疆、西藏').click()
  await flushPromises()
  button('取消').click()
  await flushPromises()
  expect(page.emitted('update:modelValue')).toBeUndefined()
}, 20_000)

it('keeps an area that no longer exists in sight until it is taken out', async () => {
  const page = show([
    { code: '330104', name: '330104' },
    { code: '710000', name: '台湾省' },
  ])
  await open(page, '修改地区')
  button('确定').click()
  await flushPromises()
  expect(page.props('modelValue')).toEqual([
    { code: '710000', name: '台湾省' },
    { code: '330104', name: '330104' },
  ])
  expect(page.text()).toContain('330104（区划已取消，请删除）')
  await page.findAll('.el-tag__close').at(-1)?.trigger('click')
  expect(page.props('modelValue')).toEqual([{ code: '710000', name: '台湾省' }])
}, 20_000)
