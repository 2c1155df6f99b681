import { ApiError } from '@/api/errors'
import type { Order } from '@/api/types'
import { useDesk } from '@/pages/orders/desk'
import { describe, expect, it, vi } from 'vitest'
import { order } from './orders'

function desk(ship = vi.fn((id: number) => Promise.resolve(order(id, { status: 'shipped' })))) {
  const d = useDesk(ship)
  d.courier.value = 'SF'
  d.take([order(1), order(2), order(3)])
  return { d, ship }
}

describe('the shipping desk', () => {
  it('sends the number without blanks, with the column’s courier, and says so', async () => {
    const { d, ship } = desk()
    d.stateOf(2).text = ' SF 1234 5678 '
    await expect(d.save(2)).resolves.toBe(true)
    expect(ship).toHaveBeenCalledWith(2, 'SF', 'SF12345678')
    expect(d.stateOf(2)).toMatchObject({ state: 'saved', text: 'SF12345678' })
    expect(d.rows.value[1]?.status).toBe('shipped')
  })

  it('prefers the row’s own courier', async () => {
    const { d, ship } = desk()
    d.stateOf(1).courier = 'ZTO'
    d.stateOf(1).text = '123456'
    await d.save(1)
    expect(ship).toHaveBeenCalledWith(1, 'ZTO', '123456')
  })

  it('keeps what was typed and gives the reason when refused', async () => {
    const { d } = desk(vi.fn(() => Promise.reject(new ApiError(409, 'order_already_shipped', '小王 13:20 已经发货'))))
    d.stateOf(1).text = '123456'
    await expect(d.save(1)).resolves.toBe(false)
    expect(d.stateOf(1)).toMatchObject({ state: 'failed', message: '小王 13:20 已经发货', text: '123456' })
  })

  it('does nothing on an empty row, and never sends a row twice', async () => {
    let finish: (o: Order) => void = () => undefined
    const { d, ship } = desk(vi.fn(() => new Promise<Order>((done) => (finish = done))))
    await expect(d.save(1)).resolves.toBe(false)
    d.stateOf(1).text = '123456'
    const first = d.save(1)
    await expect(d.save(1)).resolves.toBe(false)
    finish(order(1, { status: 'shipped' }))
    await expect(first).resolves.toBe(true)
    await expect(d.save(1)).resolves.toBe(false)
    expect(ship).toHaveBeenCalledTimes(1)
  })

  it('asks for a courier when there is none', async () => {
    const { d, ship } = desk()
    d.courier.value = ''
    d.stateOf(1).text = '123456'
    await d.save(1)
    expect(ship).not.toHaveBeenCalled()
    expect(d.stateOf(1).message).toBe('请先选择物流公司')
  })

  it('keeps saved and half-typed rows in place when the list comes anew', async () => {
    const { d } = desk()
    d.stateOf(1).text = '123456'
    await d.save(1)
    d.stateOf(2).text = 'half'
    d.take([order(9), order(3)])
    expect(d.rows.value.map((row) => row.id)).toEqual([9, 1, 2, 3])
    expect(d.stateOf(2).text).toBe('half')
    expect(d.rows.value[1]?.status).toBe('shipped')
  })

  it('drops rows that somebody else has shipped', () => {
    const { d } = desk()
    d.take([order(2)])
    expect(d.rows.value.map((row) => row.id)).toEqual([2])
  })

  it('spreads a pasted column over the rows from here down, passing over saved ones', async () => {
    const { d } = desk()
    d.stateOf(2).text = '111111'
    await d.save(2)
    expect(d.paste(1, 'AAA\t顺丰\nBBB\nCCC\n')).toBe(2)
    expect(d.stateOf(1).text).toBe('AAA')
    expect(d.stateOf(2).text).toBe('111111')
    expect(d.stateOf(3).text).toBe('BBB')
  })
})
