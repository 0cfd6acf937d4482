type Values = Readonly<Record<string, string | boolean | number | undefined>>

/** The arguments and options of a command line, checked against its command. */
export interface Input {
  /** Returns an argument; the empty string for an optional one that is missing. */
  argument(name: string): string
  /** Returns all words of the last argument. */
  words(name: string): readonly string[]
  text(option: string): string | undefined
  number(option: string): number | undefined
  flag(option: string): boolean
}

export function createInput(words: Readonly<Record<string, readonly string[]>>, values: Values): Input {
  return {
    argument: (name) => words[name]?.[0] ?? '',
    words: (name) => words[name] ?? [],
    text: (option) => (typeof values[option] === 'string' ? values[option] : undefined),
    number: (option) => (typeof values[option] === 'number' ? values[option] : undefined),
    flag: (option) => values[option] === true,
  }
}
