/** What a holder does, for the tests of the whole road. */

const WANG = {
  name: '王小明',
  mobile: '138 0013 8000',
  region: { value: ['北京市', '北京市', '海淀区'], code: ['110000', '110100', '110108'] },
  address: '中关村大街 1 号',
  remark: '周末送',
}

async function check(mp, card) {
  await mp.read('扫一扫')
  await mp.type('#number', card.number)
  await mp.type('#password', card.password)
  await mp.tap('#check')
}

/** Chooses the product at `at`; a card with one product has it chosen already. */
async function choose(mp, at = 0) {
  await mp.arrive('choose')
  mp.page().component.querySelectorAll('.choice-main')[at].dispatchEvent('tap')
  await mp.until(() => mp.data().productId !== null, 'a chosen product')
  await mp.tap('#next')
  await mp.arrive('address')
}

async function fill(mp, receiver = WANG) {
  await mp.type('#name', receiver.name)
  await mp.type('#mobile', receiver.mobile)
  await mp.fire('#region', 'change', receiver.region)
  await mp.type('#address', receiver.address)
  await mp.type('#remark', receiver.remark)
  await mp.tap('#next')
}

/** From the first page to the one where the order is submitted. */
async function walkToConfirm(mp, card, at) {
  await check(mp, card)
  await choose(mp, at)
  await fill(mp)
  await mp.arrive('confirm')
}

module.exports = { WANG, check, choose, fill, walkToConfirm }
