/** The camera wants https, a browser that knows it, and in WeChat's older web views its leave. */
export function hasCamera(): boolean {
  const devices = (navigator as Partial<Navigator>).mediaDevices as Partial<MediaDevices> | undefined
  return typeof devices?.getUserMedia === 'function'
}

/** Where files can't be chosen (old iOS, televisions), the control says so itself. */
export function hasFiles(): boolean {
  const control = document.createElement('input')
  control.type = 'file'
  return control.type === 'file' && !control.disabled && typeof URL.createObjectURL === 'function'
}
