const { copy } = require('../../utils/copy')

/** How the merchant is reached: telephone, dialled by a tap, its hours, and WeChat; nothing where there is neither. */
Component({
  options: { addGlobalClass: true },
  properties: {
    phone: String,
    hours: String,
    wechat: String,
  },
  methods: {
    onCall() {
      // Failing is the holder's own "cancel".
      wx.makePhoneCall({ phoneNumber: this.properties.phone, fail() {} })
    },
    onCopy() {
      copy(this.properties.wechat)
    },
  },
})
