/** One step that can happen in a state. */
export interface Step<State> {
  /** A description of the step: a line of a trace. */
  readonly what: string
  /**
   * A step of the system: its own work, the passing of time, or a faultless reply. Otherwise a fault, a buyer or an
   * operator caused it.
   */
  readonly byItself: boolean
  readonly to: State
}

export interface Model<State> {
  readonly initial: State
  /** Returns everything that can happen next. */
  steps(state: State): Promise<readonly Step<State>[]>
  /** Returns the state as short text: two states are the same state when their keys are equal. */
  keyOf(state: State): string
  /** Returns the violations of a state, whatever happens later. */
  violation(state: State): string | undefined
  /** Returns the violations of a state in which no step of the system is left. */
  unfinished(state: State): string | undefined
}

export interface Exploration {
  readonly states: number
  readonly steps: number
  readonly restingStates: number
  /** Length of the longest of all shortest paths to a state. */
  readonly depth: number
  readonly violation?: { readonly what: string; readonly trace: readonly string[] }
}

/** Searches all reachable states, the nearest first, so that the first violation has the shortest trace. */
export async function explore<State>(model: Model<State>, { statesMax }: { statesMax: number }): Promise<Exploration> {
  const known = new Map<string, number>([[model.keyOf(model.initial), 0]])
  /** States that are still to be visited; a visited state is dropped. */
  let frontier: { id: number; state: State }[] = [{ id: 0, state: model.initial }]
  const cameFrom: number[] = [-1]
  const cameBy: string[] = ['']
  const edges = createEdges()
  const ends: number[] = []
  const words = new Map<string, string>()
  let steps = 0
  let depth = 0
  const traceTo = (id: number): string[] => {
    const trace: string[] = []
    for (let at = id; at > 0; at = cameFrom[at] ?? -1) trace.unshift(cameBy[at] ?? '')
    return trace
  }
  const summary = () => ({ states: known.size, steps, restingStates: ends.length, depth })

  while (frontier.length > 0) {
    const next: typeof frontier = []
    for (const { id, state } of frontier) {
      const wrong = model.violation(state)
      if (wrong !== undefined) return { ...summary(), violation: { what: wrong, trace: traceTo(id) } }
      let isResting = true
      for (const { what, byItself, to } of await model.steps(state)) {
        const key = model.keyOf(to)
        let target = known.get(key)
        if (target === undefined) {
          if (known.size >= statesMax) throw new Error(`more than ${statesMax} states`)
          target = known.size
          known.set(key, target)
          cameFrom.push(id)
          cameBy.push(words.get(what) ?? what)
          words.set(what, words.get(what) ?? what)
          next.push({ id: target, state: to })
        }
        steps += 1
        if (target === id || !byItself) continue
        isResting = false
        edges.add(id, target)
      }
      if (!isResting) continue
      const left = model.unfinished(state)
      if (left !== undefined) return { ...summary(), violation: { what: left, trace: traceTo(id) } }
      ends.push(id)
    }
    if (next.length > 0) depth += 1
    frontier = next
  }
  const stuck = edges.firstThatCannotReach(ends, known.size)
  if (stuck === undefined) return summary()
  return {
    ...summary(),
    violation: { what: 'from here the system never comes to rest by itself', trace: traceTo(stuck) },
  }
}

/** Stores steps of the system, in as little memory as millions of them need. */
function createEdges() {
  let from = new Int32Array(1 << 16)
  let to = new Int32Array(1 << 16)
  let size = 0
  const grown = (old: Int32Array<ArrayBuffer>) => {
    const larger = new Int32Array(old.length * 2)
    larger.set(old)
    return larger
  }
  return {
    add(source: number, target: number): void {
      if (size === from.length) [from, to] = [grown(from), grown(to)]
      from[size] = source
      to[size] = target
      size += 1
    },
    /** Walks backwards from the ends, and returns the first state that the walk does not reach. */
    firstThatCannotReach(ends: readonly number[], states: number): number | undefined {
      const starts = new Int32Array(states + 1)
      for (let at = 0; at < size; at += 1) starts[(to[at] ?? 0) + 1] = (starts[(to[at] ?? 0) + 1] ?? 0) + 1
      for (let state = 0; state < states; state += 1)
        starts[state + 1] = (starts[state + 1] ?? 0) + (starts[state] ?? 0)
      const filled = starts.slice()
      const sources = new Int32Array(size)
      for (let at = 0; at < size; at += 1) {
        const target = to[at] ?? 0
        sources[filled[target] ?? 0] = from[at] ?? 0
        filled[target] = (filled[target] ?? 0) + 1
      }
      const reaches = new Uint8Array(states)
      const open = [...ends]
      for (const end of ends) reaches[end] = 1
      for (let state = open.pop(); state !== undefined; state = open.pop()) {
        for (let at = starts[state] ?? 0; at < (starts[state + 1] ?? 0); at += 1) {
          const source = sources[at] ?? 0
          if (reaches[source] === 1) continue
          reaches[source] = 1
          open.push(source)
        }
      }
      const stuck = reaches.indexOf(0)
      return stuck === -1 ? undefined : stuck
    },
  }
}
