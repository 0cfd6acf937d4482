type Child = Node | string | null | undefined | false
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>

/**
 * Builds an element. Strings become text nodes, never markup, so that no name or message can inject any. An attribute
 * `onclick` takes a function; `false`, `null` and `undefined` omit an attribute.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.filter((child): child is Node | string => isShown(child)))
  return element
}

/** Stands for the element while a sentence is written: an object replacement character. */
const MARK = '\ufffc'

/** Returns the children of a sentence that has an element where its grammar needs one. */
export function sentenceWith(element: HTMLElement, write: (mark: string) => string): readonly (HTMLElement | string)[] {
  const [before = '', after = ''] = write(MARK).split(MARK)
  return [before, element, after]
}

const isShown = (child: Child): boolean => child !== null && child !== undefined && child !== false && child !== ''

/** Sets a text only when it differs: a screen reader announces every change. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/** Returns the element with that id, which the page's markup guarantees. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no #${id}.`)
  return element
}

/** Reads the settings that the server wrote into the page for its scripts. */
export function pageSettings<Settings>(): Settings {
  return JSON.parse(byId('settings').textContent ?? '{}') as Settings
}
