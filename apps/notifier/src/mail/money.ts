interface MoneyFormat {
  readonly format: Intl.NumberFormat
  readonly digits: number
}

/** Making a format costs forty times what using it costs, and there are but some hundred currencies. */
const formats = new Map<string, MoneyFormat>()

const formatOf = (currency: string): MoneyFormat => {
  const known = formats.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const { maximumFractionDigits: digits = 2 } = format.resolvedOptions()
  formats.set(currency, { format, digits })
  return { format, digits }
}

/** An amount in words of its currency: `1250` EUR is `€12.50`, `1250` JPY is `¥1,250`. */
export const formatMoney = (amountMinor: number, currency: string): string => {
  const { format, digits } = formatOf(currency)
  // As a decimal string: Intl takes it exactly, where a division by 100 would round large amounts.
  const padded = String(amountMinor).padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  return format.format(`${whole}.${padded.slice(padded.length - digits) || '0'}` as `${number}`)
}
