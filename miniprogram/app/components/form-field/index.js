/** A form's row: label, the control in the slot, and under it what is wrong with it. */
Component({
  options: { addGlobalClass: true },
  properties: {
    label: String,
    problem: String,
  },
})
