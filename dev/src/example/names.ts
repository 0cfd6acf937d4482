/** The shops in `examples/`. */
export const exampleNames = ['express', 'next', 'workers'] as const
export type ExampleName = (typeof exampleNames)[number]

export function isExampleName(name: string | undefined): name is ExampleName {
  return exampleNames.some((each) => each === name)
}
