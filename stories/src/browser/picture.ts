import { inflateSync } from 'node:zlib'

export type Colour = readonly [red: number, green: number, blue: number]

/** A screenshot, pixel by pixel. */
export interface Picture {
  readonly width: number
  readonly height: number
  at(x: number, y: number): Colour
}

const HEADER_BYTES = 8
const CHANNELS: Readonly<Record<number, number>> = { 2: 3, 6: 4 }

/** Reads a screenshot: a PNG of eight bits, RGB with or without alpha, without interlace (ISO/IEC 15948). */
export function readPicture(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const channels = CHANNELS[png[25] ?? 0]
  if (channels === undefined || png[24] !== 8 || png[28] !== 0) throw new Error('Not a screenshot of a browser.')
  const data: Buffer[] = []
  for (let at = HEADER_BYTES; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const pixels = unfilter(inflateSync(Buffer.concat(data)), { height, channels, rowBytes: width * channels })
  return {
    ...{ width, height },
    at: (x, y) => {
      const from = (y * width + x) * channels
      return [pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0]
    },
  }
}

function unfilter(raw: Buffer, { height, channels, rowBytes }: { height: number; channels: number; rowBytes: number }) {
  const pixels = new Uint8Array(height * rowBytes)
  for (let row = 0; row < height; row += 1) {
    const [from, to, filter] = [row * (rowBytes + 1) + 1, row * rowBytes, raw[row * (rowBytes + 1)] ?? 0]
    for (let at = 0; at < rowBytes; at += 1) {
      const left = at < channels ? 0 : (pixels[to + at - channels] ?? 0)
      const above = row === 0 ? 0 : (pixels[to + at - rowBytes] ?? 0)
      const corner = row === 0 || at < channels ? 0 : (pixels[to + at - rowBytes - channels] ?? 0)
      pixels[to + at] = (raw[from + at] ?? 0) + predicted(filter, { left, above, corner })
    }
  }
  return pixels
}

function predicted(filter: number, { left, above, corner }: { left: number; above: number; corner: number }): number {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  const [byLeft, byAbove, byCorner] = [above - corner, left - corner, left + above - 2 * corner].map(Math.abs)
  if ((byLeft ?? 0) <= (byAbove ?? 0) && (byLeft ?? 0) <= (byCorner ?? 0)) return left
  return (byAbove ?? 0) <= (byCorner ?? 0) ? above : corner
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((each) => {
    const share = each / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Returns the contrast ratio, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastOf(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}
