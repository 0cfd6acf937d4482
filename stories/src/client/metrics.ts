/** Reads the value of one of an app's metrics: of its first series with these labels. */
export async function metricOf(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  for (const [, found = '', value] of text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, 'gm')))
    if (wanted.every((label) => found.includes(label))) return Number(value)
  throw new Error(`${url} has no metric ${name} ${wanted.join(' ')}.`)
}
