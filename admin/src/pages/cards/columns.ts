import { useSession } from '@/session/store'
import { computed, ref, watch, type Ref } from 'vue'

/** The columns of the card list in their order; the number and the status stay. */
export const COLUMNS = [
  { name: 'serial', label: '卡序号', fixed: false, first: true },
  { name: 'number', label: '卡号', fixed: true, first: true },
  { name: 'name', label: '名称', fixed: false, first: true },
  { name: 'status', label: '状态', fixed: true, first: true },
  { name: 'usage', label: '使用', fixed: false, first: true },
  { name: 'products', label: '对应商品', fixed: false, first: true },
  { name: 'face_value', label: '面值', fixed: false, first: true },
  { name: 'validity', label: '有效期', fixed: false, first: true },
  { name: 'distributor', label: '券商', fixed: false, first: true },
  { name: 'batch', label: '批次', fixed: false, first: true },
  { name: 'made_at', label: '生成时间', fixed: false, first: true },
  { name: 'activated_at', label: '激活时间', fixed: false, first: false },
  { name: 'redeemed_at', label: '兑换时间', fixed: false, first: false },
  { name: 'remark', label: '备注', fixed: false, first: false },
] as const

export type ColumnName = (typeof COLUMNS)[number]['name']

export const PAGE_SIZES = [20, 50, 100, 200] as const

const FIRST: readonly ColumnName[] = COLUMNS.filter((column) => column.first).map((column) => column.name)

function kept<T>(key: string, read: (value: unknown) => T | null, fallback: T): Ref<T> {
  let found: T | null = null
  try {
    found = read(JSON.parse(localStorage.getItem(key) ?? 'null'))
  } catch {
    // Not JSON: somebody else wrote it.
  }
  const value = ref(found ?? fallback) as Ref<T>
  watch(value, (now) => localStorage.setItem(key, JSON.stringify(now)))
  return value
}

/** Which columns the account wants to see and how many rows on a page, kept in this browser. */
export function useColumns() {
  const account = useSession().staff?.id ?? 0
  const names = kept<readonly ColumnName[]>(
    `tihuo:cards:columns:${account}`,
    (value) => (Array.isArray(value) ? COLUMNS.map((c) => c.name).filter((name) => value.includes(name)) : null),
    FIRST,
  )
  const size = kept<number>(`tihuo:cards:page-size:${account}`, (value) => PAGE_SIZES.find((n) => n === value) ?? null, 50)
  const shown = computed(() => COLUMNS.filter((column) => column.fixed || names.value.includes(column.name)))

  function toggle(name: ColumnName): void {
    names.value = names.value.includes(name) ? names.value.filter((one) => one !== name) : [...names.value, name]
  }
  function reset(): void {
    names.value = FIRST
  }

  return { shown, size, toggle, reset }
}
