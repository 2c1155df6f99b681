/**
 * What an operator sets before uploading. A merchant's own mini-program overrides both through ext.json:
 * {"ext": {"origin": "https://…", "slug": "…"}}.
 */
module.exports = {
  /** Where the server answers; must stand in the console's list of request domains. */
  origin: 'https://tihuo.example.com',
  /** The storefront to open when no QR code names one. Empty: the holder is asked to scan the card. */
  slug: '',
}
