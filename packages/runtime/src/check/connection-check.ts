/** The result of one check, in words for the person who configures the app. Never contains a password or token. */
export type Finding =
  | { readonly kind: 'ok'; readonly detail?: string }
  /** The app may start; something is missing that may come later, such as another app. */
  | Problem<'warning'>
  /** The app cannot work like this. */
  | Problem<'failed'>

interface Problem<Kind extends string> {
  readonly kind: Kind
  /** What is wrong, as a phrase. */
  readonly problem: string
  /** What to do, as a sentence. */
  readonly advice: string
}

/** One connection of an app, tried by `--check`. Each package that opens a kind of connection creates the check for it. */
export interface ConnectionCheck {
  /** What is at the other end, such as `Postgres`. */
  readonly name: string
  /** The variable that names it, such as `DATABASE_URL`. */
  readonly setting: string
  /**
   * Tries the connection without changing anything. A rejection counts as a failure, and is explained by
   * `failedConnection`. `signal` aborts after the time of a check, also when the server is mute.
   */
  run(signal: AbortSignal): Promise<Finding>
}

/** Returns a failure. */
export function failed(problem: string, advice: string): Finding {
  return { kind: 'failed', problem, advice }
}

/** Returns a warning. */
export function warned(problem: string, advice: string): Finding {
  return { kind: 'warning', problem, advice }
}
