/** Collects what is given to it in one turn of the event loop, and passes it on together once that turn's work is done. */
export const createGatherer = <Item>(passOn: (items: readonly Item[]) => void): ((item: Item) => void) => {
  let gathered: Item[] = []
  const flush = () => {
    const items = gathered
    gathered = []
    passOn(items)
  }
  return (item) => {
    if (gathered.length === 0) setImmediate(flush)
    gathered.push(item)
  }
}
