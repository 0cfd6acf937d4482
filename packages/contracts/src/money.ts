/**
 * The currencies of ISO 4217 by the digits of their minor unit. `Intl` is no source for them: CLDR's digits are for
 * display, differ from ISO 4217 for some twenty currencies, and change with the browser. Imports nothing: browsers load
 * this file too.
 */
const CODES_BY_DIGITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
    NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

/** Digits of the minor unit by code, for every currency that items can be priced in. */
export const CURRENCY_DIGITS: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_DIGITS).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(digits)]),
  ),
)

/** Tells whether prices can be in this currency: an active code of ISO 4217 with a minor unit. */
export function isCurrency(code: string): boolean {
  return CURRENCY_DIGITS.has(code)
}

/** Returns the digits of the minor unit; 2 for a code that the table does not have. */
export function minorUnitDigits(currency: string): number {
  return CURRENCY_DIGITS.get(currency) ?? 2
}

/**
 * Formats minor units as a decimal number: `1250` EUR is `12.50`, `1250` JPY is `1250`. Exact, also for negative
 * amounts.
 */
export function decimalAmount(amountMinor: number, currency: string): string {
  const digits = minorUnitDigits(currency)
  if (digits === 0) return String(amountMinor)
  const padded = String(Math.abs(amountMinor)).padStart(digits + 1, '0')
  return `${amountMinor < 0 ? '-' : ''}${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

/** Creating a format costs forty times as much as using it; some hundred currencies bound the cache. */
const formats = new Map<string, Intl.NumberFormat>()

/**
 * Formats an amount for readers of a language, with all digits of the minor unit: `1250` EUR is `€12.50` in English.
 */
export function formatMoney(amountMinor: number, currency: string, language?: string): string {
  const key = `${language} ${currency}`
  let format = formats.get(key)
  if (format === undefined) {
    const digits = minorUnitDigits(currency)
    const options = {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    } as const
    format = new Intl.NumberFormat(language, options)
    formats.set(key, format)
  }
  // Passed as a string: Intl formats it exactly, where a division would round large amounts.
  return format.format(decimalAmount(amountMinor, currency) as `${number}`)
}
