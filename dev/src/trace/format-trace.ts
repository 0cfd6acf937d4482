import type { TracedStep } from './read-trace.ts'

/** Formats an order's steps for people: when, how long after the previous step, where, what. Pure. */
export function formatTrace(order: string, steps: readonly TracedStep[]): string {
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return `No step of order ${order} is in the logs.`
  const lines = steps.map((step, index) => {
    const waited = milliseconds(steps[index - 1]?.at ?? step.at, step.at)
    return `${step.at}  ${`+${waited} ms`.padStart(10)}  ${step.app.padEnd(15)} ${step.step.padEnd(20)} ${step.detail}`.trimEnd()
  })
  return [`Order ${order}, ${milliseconds(first.at, last.at)} ms from the first step to the last:`, ...lines].join('\n')
}

const milliseconds = (from: string, to: string): number => Date.parse(to) - Date.parse(from)
