const { state } = require('../../state')
const { keepDraft } = require('../../services/drafts')
const { nowhere } = require('../../utils/areas')
const { needCard } = require('../../utils/guard')
const { contactOf } = require('../../utils/merchant')
const { openPage } = require('../../utils/navigate')
const { uses, validity, yuan } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */

/** @param {CardView} view */
function header(view) {
  return {
    name: view.name || view.number,
    value: yuan(view.face_value_fen),
    validity: validity(view.valid_from, view.valid_until),
    uses: uses(view),
    orders: view.orders.length,
  }
}

/** @param {CardView['products'][number]} product */
function choice(product) {
  return { ...product, hasMore: product.detail_html !== '' || product.pictures.length > 1, nowhere: nowhere(product) }
}

Page({
  data: {
    theme: '',
    contact: { phone: '', hours: '', wechat: '' },
    intro: '',
    notice: '',
    title: '',
    card: /** @type {ReturnType<typeof header> | null} */ (null),
    products: /** @type {ReturnType<typeof choice>[]} */ ([]),
    productId: /** @type {number | null} */ (null),
    /** The product whose details are unfolded. */
    openId: /** @type {number | null} */ (null),
  },

  // Not onLoad: coming back from a later page, the card may have been asked about anew.
  onShow() {
    const view = needCard()
    if (!view) return
    const [only, ...others] = view.products
    const chosen = view.products.find(({ id }) => id === state().productId) || (others.length === 0 ? only : undefined)
    state().productId = chosen ? chosen.id : null
    const { storefront } = state()
    this.setData({
      theme: themeStyle(storefront),
      contact: contactOf(storefront),
      intro: storefront?.texts.choose || '',
      notice: state().notice,
      title: view.uses_total > 1 && others.length > 0 ? `每次可任选一件，共 ${view.products.length} 种` : '请选择一种商品',
      card: header(view),
      products: view.products.map(choice),
      productId: state().productId,
    })
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { id: number }>} event */
  onChoose(event) {
    const { id } = event.currentTarget.dataset
    state().productId = id
    keepDraft()
    this.setData({ productId: id })
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { id: number }>} event */
  onMore(event) {
    const { id } = event.currentTarget.dataset
    this.setData({ openId: this.data.openId === id ? null : id })
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { at: number }>} event */
  onPicture(event) {
    const product = this.data.products.find(({ id }) => id === this.data.openId)
    if (!product) return
    wx.previewImage({ urls: product.pictures, current: product.pictures[event.currentTarget.dataset.at] })
  },

  onOrders() {
    openPage('/pages/order/index')
  },

  onNext() {
    if (this.data.productId === null) return
    state().notice = ''
    openPage('/pages/address/index')
  },
})
