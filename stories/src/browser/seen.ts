import type { Page } from 'playwright-core'
import { type Colour, contrastOf, type Picture, readPicture } from './picture.ts'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface SeenText extends Box {
  readonly text: string
}

/** Every visible text, with the box of its first line. Disabled controls are exempt (WCAG 1.4.3). */
const TEXTS = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) {
    const { parentElement: around, textContent } = walker.currentNode
    if (textContent.trim() === '' || around.closest('script, noscript, .hidden, :disabled, option') !== null) continue
    if (!around.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const range = document.createRange()
    range.selectNodeContents(walker.currentNode)
    const [box] = range.getClientRects()
    if (box === undefined || box.width < 2) continue
    texts.push({ text: textContent.trim(), x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height })
  }
  return texts
})()`

const FOCUSED = `(() => {
  const { activeElement } = document
  if (activeElement === null || activeElement === document.body) return null
  const { x, y, width, height } = activeElement.getBoundingClientRect()
  return { x, y, width, height, text: activeElement.textContent.trim().slice(0, 40) || activeElement.id || activeElement.tagName }
})()`

/** Returns the colours in a box, most frequent first. */
function coloursIn(picture: Picture, box: Box, scale: number): readonly Colour[] {
  const counts = new Map<string, { colour: Colour; count: number }>()
  const [right, bottom] = [Math.min(picture.width, (box.x + box.width) * scale), (box.y + box.height) * scale]
  for (let y = Math.max(0, Math.floor(box.y * scale)); y < Math.min(picture.height, bottom); y += 1)
    for (let x = Math.max(0, Math.floor(box.x * scale)); x < right; x += 1) {
      const colour = picture.at(x, y)
      const known = counts.get(colour.join())
      if (known === undefined) counts.set(colour.join(), { colour, count: 1 })
      else known.count += 1
    }
  return [...counts.values()].toSorted((a, b) => b.count - a.count).map(({ colour }) => colour)
}

const scaleOf = (page: Page): Promise<number> => page.evaluate<number>('devicePixelRatio')

/** Returns texts whose contrast to their drawn background is below 4.5 (WCAG 1.4.3). */
export async function faintTexts(page: Page): Promise<readonly string[]> {
  const texts = await page.evaluate<SeenText[]>(TEXTS)
  const picture = readPicture(await page.screenshot({ fullPage: true, animations: 'disabled' }))
  const scale = await scaleOf(page)
  if (texts.length === 0) throw new Error('The page shows no text.')
  return texts.flatMap((text) => {
    const [behind = [0, 0, 0] as const, ...ink] = coloursIn(picture, text, scale)
    const contrast = Math.max(1, ...ink.map((colour) => contrastOf(colour, behind)))
    return contrast >= 4.5 ? [] : [`${text.text}: ${contrast.toFixed(2)}`]
  })
}

const RING_PIXELS = 6

/**
 * Returns controls without a visible focus: fewer than half as many pixels as the ring of one has change by 3 to 1
 * (WCAG 2.4.13).
 */
export async function unseenFocus(page: Page, controls: number): Promise<readonly string[]> {
  const scale = await scaleOf(page)
  const unseen: string[] = []
  for (let index = 0; index < controls; index += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<SeenText | null>(FOCUSED)
    if (focused === null) break
    const { x, y, width, height } = focused
    const clip = {
      ...{ x: Math.max(0, x - RING_PIXELS), y: Math.max(0, y - RING_PIXELS) },
      ...{ width: width + 2 * RING_PIXELS, height: height + 2 * RING_PIXELS },
    }
    const take = async () => readPicture(await page.screenshot({ clip, animations: 'disabled' }))
    const after = await take()
    await page.evaluate('document.activeElement.blur()')
    const before = await take()
    let changed = 0
    for (let row = 0; row < after.height; row += 1)
      for (let column = 0; column < after.width; column += 1)
        if (contrastOf(after.at(column, row), before.at(column, row)) >= 3) changed += 1
    if (changed < (width + height) * scale) unseen.push(`${focused.text}: ${changed}`)
  }
  return unseen
}

/** Returns the contrast between the two ends of an element, as drawn. */
export async function contrastOfEnds(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).boundingBox()
  if (box === null) throw new Error(`${selector} is not shown.`)
  const picture = readPicture(await page.screenshot({ clip: box, animations: 'disabled' }))
  const middle = Math.floor(picture.height / 2)
  const from = Math.floor(picture.width / 50)
  return contrastOf(picture.at(from, middle), picture.at(picture.width - 1 - from, middle))
}
