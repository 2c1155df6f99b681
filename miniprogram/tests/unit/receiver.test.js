const { controlOf, emptyDraft, placeOf, problemsOf, toReceiver } = require('../../app/utils/receiver')

const filled = {
  name: ' 王小明 ',
  mobile: '+86 138 0013 8000',
  region: ['北京市', '北京市', '海淀区'],
  regionCode: '110108',
  address: ' 中关村大街\n1 号 ',
  remark: '',
  shipOn: null,
}

test('an empty form has a problem at every needed field', () => {
  expect(problemsOf(emptyDraft()).map(({ field }) => controlOf(field))).toEqual(['name', 'mobile', 'region', 'address'])
})

test('a filled form has none, and is sent trimmed', () => {
  expect(problemsOf(filled)).toEqual([])
  expect(toReceiver(filled)).toEqual({
    name: '王小明',
    mobile: '13800138000',
    province: '北京市',
    city: '北京市',
    district: '海淀区',
    region_code: '110108',
    address: '中关村大街 1 号',
  })
})

test('a place without a district is allowed: some cities have none', () => {
  expect(problemsOf({ ...filled, region: ['广东省', '东莞市', ''] })).toEqual([])
})

test('a city that is a province is named once', () => {
  expect(placeOf(toReceiver(filled))).toBe('北京市 海淀区 中关村大街 1 号')
})

test('each field of the API finds its control', () => {
  expect(['receiver.mobile', 'receiver.district', 'receiver.region_code', 'ship_on', 'remark', 'product_id'].map(controlOf)).toEqual([
    'mobile', 'region', 'region', 'shipOn', 'remark', '',
  ])
})
