import { ApiError, asApiError, fieldMessages, messageOf, networkError, toApiError } from '@/api/errors'
import { describe, expect, it } from 'vitest'

const refused = {
  error: {
    code: 'invalid_request',
    message: '有 2 处需要修改',
    data: {
      fields: [
        { field: 'prefix', code: 'x', message: '卡号前缀：第一位不能是 0' },
        { field: 'attributes.0.name', code: 'y', message: '属性名：必填' },
        'rubbish',
      ],
    },
    request_id: 'r-1',
  },
}

describe('errors', () => {
  it("keeps the server's words, code, data and request id", () => {
    const error = toApiError(422, refused)
    expect(error).toMatchObject({ status: 422, code: 'invalid_request', message: '有 2 处需要修改', requestId: 'r-1' })
    expect(error.fields).toHaveLength(2)
  })

  it('puts messages at their fields, also at the field that holds a part', () => {
    expect(fieldMessages(toApiError(422, refused))).toEqual({
      prefix: '卡号前缀：第一位不能是 0',
      'attributes.0.name': '属性名：必填',
      attributes: '属性名：必填',
    })
  })

  it.each([
    [502, '<html>Bad gateway</html>', '服务器正在重启，请稍后重试'],
    [500, null, '服务器出错了，请稍后重试'],
    [413, undefined, '文件太大，请选择更小的文件'],
    [403, { error: 'odd' }, '当前账号没有这项权限'],
  ])('says something sensible for %s without our shape', (status, body, message) => {
    expect(toApiError(status, body).message).toBe(message)
  })

  it('knows when the server may have acted all the same', () => {
    expect(networkError().uncertain).toBe(true)
    expect(toApiError(504, null).uncertain).toBe(true)
    expect(toApiError(409, refused).uncertain).toBe(false)
    expect(new ApiError(422, 'x', 'y').uncertain).toBe(false)
  })

  it('never shows English to the reader', () => {
    expect(messageOf(new TypeError('Failed to fetch'))).toBe('网络不通，请检查网络后重试')
    expect(messageOf(new Error('undefined is not a function'))).toBe('页面出错了，请刷新后重试')
    expect(asApiError(new TypeError('x')).uncertain).toBe(true)
  })
})
