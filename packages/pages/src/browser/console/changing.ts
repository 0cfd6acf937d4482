import { h } from '../shared/dom.ts'

/** Creates a place whose content is replaced only when it differs: focus and selection stay. */
export function changing() {
  const place = h('div', {})
  let written: string | undefined
  return {
    place,
    show: (key: string, content: () => HTMLElement) => {
      if (key === written) return
      written = key
      place.replaceChildren(content())
    },
  }
}
