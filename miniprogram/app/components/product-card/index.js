/** A product in short: picture, name, contents. */
Component({
  options: { addGlobalClass: true },
  properties: {
    name: String,
    picture: String,
    contents: Array,
  },
})
