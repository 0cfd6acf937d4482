/** Values of a request: text, or nested by name or index. */
export interface FormValues {
  [name: string]: string | FormValues
}

/**
 * Reads the form encoding of Stripe, in which brackets nest: `metadata[order]=1`, `types[0]=card`. Later values replace
 * earlier ones.
 */
export function readForm(text: string): FormValues {
  const values: FormValues = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const [first = '', ...rest] = name.split(/\]?\[|\]$/).filter((part) => part !== '')
    let at = values
    let part = first
    for (const next of rest) {
      const inner = at[part]
      const child: FormValues = typeof inner === 'object' ? inner : Object.create(null)
      at[part] = child
      at = child
      part = next
    }
    at[part] = value
  }
  return values
}

/** Returns the values as plain objects, for validation. */
export function plain(values: FormValues): unknown {
  return JSON.parse(JSON.stringify(values))
}
