/** Values for a parameter or a member of a body, such as `path.sale` or `body.items[*].sku`, used most of the time. */
type Values = Readonly<Record<string, readonly string[]>>

export interface FuzzSettings {
  /** Replaces the app's address in the document. */
  readonly url: string
  readonly hooks: string
  readonly seed: number
  /** Maximum number of requests per operation and generation mode. */
  readonly examples: number
  readonly values: Values
  /** The same for single operations, by their name (`GET /orders`). */
  readonly valuesOf: Readonly<Record<string, Values>>
}

/** Other values are generated, as for all other parameters. */
const PROBABILITY = 0.8
/** A request that breaks its schema is rejected for that reason, whatever its other faults. */
const REJECTIONS = [400, 401, 404, 405, 413, 415, 422, 426, 431, 503]
/** A valid request is never rejected for its form, with 400. */
const RESPONSES = ['2xx', '3xx', 401, 403, 404, 409, 410, 412, 422, 426, 429, 503]

/** Returns Schemathesis' configuration file (TOML). Pure. */
export function schemathesisSettings(options: FuzzSettings): string {
  const dictionaries: string[] = []
  /** Returns the value of a key `parameters`; defines a dictionary for each. */
  function parametersOf(values: Values): string {
    const bound = Object.entries(values).map(([name, each]) => {
      const dictionary = `values-${dictionaries.length}`
      dictionaries.push(`[dictionaries.${dictionary}]`, `values = ${JSON.stringify(each)}`)
      return `${JSON.stringify(name)} = { dictionary = "${dictionary}", probability = ${PROBABILITY} }`
    })
    return `parameters = { ${bound.join(', ')} }`
  }
  const operations = Object.entries(options.valuesOf).flatMap(([name, values]) => [
    '[[operations]]',
    `include-name = ${JSON.stringify(name)}`,
    parametersOf(values),
  ])
  const parameters = parametersOf(options.values)
  return [
    `hooks = ${JSON.stringify(options.hooks)}`,
    `base-url = ${JSON.stringify(options.url)}`,
    `seed = ${options.seed}`,
    parameters,
    'continue-on-failure = true',
    'request-timeout = 20',
    'suppress-health-check = ["all"]',
    'warnings = false',
    '[generation]',
    `max-examples = ${options.examples}`,
    'database = "none"',
    // Unknown parameters are rejected where there are any, which OpenAPI cannot express.
    'allow-extra-parameters = false',
    '[phases.stateful]',
    'enabled = false',
    '[checks.not_a_server_error]',
    'expected-statuses = ["2xx", "3xx", "4xx", 503]',
    '[checks.negative_data_rejection]',
    `expected-statuses = ${JSON.stringify(REJECTIONS)}`,
    '[checks.positive_data_acceptance]',
    // hooks.py calls it, except for rules beyond schemas.
    'enabled = false',
    `expected-statuses = ${JSON.stringify(RESPONSES)}`,
    ...dictionaries,
    ...operations,
    // `drop` may also be the id of a dead letter, so its path supports the methods of a letter, too.
    '[[operations]]',
    'include-path-regex = "/dead-letters/[^/]+/(drop|replay)$"',
    'checks.allow_header_conformance.enabled = false',
    '',
  ].join('\n')
}
