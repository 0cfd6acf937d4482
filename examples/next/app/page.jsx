import { items } from '../items.js'

export default function Landing() {
  return (
    <>
      <h1>The shop</h1>
      <ul>
        {items.map(({ id, name, price }) => (
          <li key={id}>
            {/* A link of HTML: `Link` would fetch the page by a script, which the gate sends no redirect. */}
            {name}, {price}: <a href={`/checkout/${id}`}>Buy the {name}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
