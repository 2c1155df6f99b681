/** The merchant's telephone number, dialled by a tap; nothing where there is none. */
Component({
  options: { addGlobalClass: true },
  properties: {
    phone: String,
  },
  methods: {
    onTap() {
      // Failing is the holder's own "cancel".
      wx.makePhoneCall({ phoneNumber: this.properties.phone, fail() {} })
    },
  },
})
